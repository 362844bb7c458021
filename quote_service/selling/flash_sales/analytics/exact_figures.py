"""Exact fractions as the decimals that are shown, each rounded once, half away from zero.

Source: docs/spec/wire.md#money.
"""

from fractions import Fraction

from quote_service.platform.money.amounts import decimal_text, round_half_away, unit_price_text
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import ExactNumber, written_number
from quote_service.selling.flash_sales.model.sale import of_minor

PLACES = 6
SECOND_US = 10**6
HOUR_US = 3600 * SECOND_US


def rounded(value: Fraction) -> ExactNumber:
    """To six decimals, without zeros at the end."""
    scaled = round_half_away(value.numerator * 10**PLACES, value.denominator)
    return written_number(decimal_text(scaled, PLACES))


def amount_each(amount_minor: int, many: int, currency: str) -> ExactNumber:
    """An amount over so many, in the digits of its currency."""
    return of_minor(round_half_away(amount_minor, many), currency)


def unit_price(price_minor: Fraction, currency: str) -> ExactNumber:
    """A price of minor units that need not be whole: in the digits of its currency, and up to six where it is finer."""
    exponent = EXPONENTS[currency]
    micro = round_half_away(price_minor.numerator * 10 ** (PLACES - exponent), price_minor.denominator)
    return written_number(unit_price_text(micro, exponent))


def in_hours(period_us: int) -> ExactNumber:
    """A time in hours."""
    return rounded(Fraction(period_us, HOUR_US))


def in_seconds(period_us: int) -> ExactNumber:
    """A time in seconds, exactly."""
    return rounded(Fraction(period_us, SECOND_US))
