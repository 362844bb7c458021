"""Figures of reports as they are shown: amounts in the digits of their currency, shares and rates to six decimals.

Source: docs/spec/analytics.md#reports; docs/spec/wire.md#money.
"""

from quote_service.money.amounts import amount_text, decimal_text, round_half_away, unit_price_text
from quote_service.money.currencies import EXPONENTS
from quote_service.money.numbers import ExactNumber, written_number

PLACES = 6
_ZEROS = {exponent: ExactNumber(amount_text(0, exponent)) for exponent in set(EXPONENTS.values())}


def amount(amount_minor: int, currency: str) -> ExactNumber:
    """An amount of minor units in the digits of its currency."""
    exponent = EXPONENTS[currency]
    return ExactNumber(amount_text(amount_minor, exponent)) if amount_minor else _ZEROS[exponent]


def amount_each(amount_minor: int, many: int, currency: str) -> ExactNumber | None:
    """An amount over so many, rounded half away from zero; None over none."""
    return amount(round_half_away(amount_minor, many), currency) if many > 0 else None


def share(part: int, whole: int) -> ExactNumber | None:
    """Part over whole to six decimals, rounded half away from zero; None where the whole is not above 0."""
    if whole <= 0:
        return None
    return written_number(decimal_text(round_half_away(part * 10**PLACES, whole), PLACES))


def decimal(value: float) -> ExactNumber:
    """A figure of a statistic to six decimals."""
    return written_number(decimal_text(round(value * 10**PLACES), PLACES))


def price_each(amount_minor: int, units: int, currency: str) -> ExactNumber | None:
    """A unit's price on average: in the digits of its currency, and up to six where it is finer; None over no units."""
    if units <= 0:
        return None
    exponent = EXPONENTS[currency]
    micro = round_half_away(amount_minor * 10 ** (PLACES - exponent), units)
    return written_number(unit_price_text(micro, exponent))
