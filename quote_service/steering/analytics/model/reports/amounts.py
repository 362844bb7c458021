"""Figures of reports as they are shown: amounts in the digits of their currency, shares and rates to six decimals.

Plain decimals, which are made by one multiplication and written as numbers with all their digits: an answer has tens of thousands of
them. They are exact: whole numbers of up to 28 digits are, and what is shown is sums of figures of 19.

Source: docs/spec/analytics.md#reports; docs/spec/wire.md#money.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Literal

from quote_service.platform.money.amounts import MICRO, round_half_away
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.steering.analytics.model.sales.figures import SHIFT

PLACES: Final = 6
#: A minor unit of each currency.
MINOR: Final = {currency: Decimal(1).scaleb(-exponent) for currency, exponent in EXPONENTS.items()}
_MILLIONTH: Final = Decimal(1).scaleb(-PLACES)


def amount(amount_minor: int, currency: str) -> Decimal:
    """An amount of minor units in the digits of its currency."""
    return amount_minor * MINOR[currency]


def amount_each(amount_minor: int, many: int, currency: str) -> Decimal | None:
    """An amount over so many, rounded half away from zero; None over none."""
    return amount(round_half_away(amount_minor, many), currency) if many > 0 else None


def share(part: int, whole: int) -> Decimal | None:
    """Part over whole to six decimals, rounded half away from zero; None where the whole is not above 0."""
    return _of_millionths(round_half_away(part * MICRO, whole)) if whole > 0 else None


def share_of_issued(figure: Literal["accepted", "orders"], sold: Mapping[str, int], issued: int) -> Decimal | None:
    """What share of issued quotes (or their lines) was accepted or ordered, whenever it was.

    None where it is not known: none was counted as issued, or fewer than were accepted, so that not all were counted.
    """
    of_these = sold.get(figure, 0) + sold.get(figure + SHIFT, 0)
    return share(of_these, issued) if 0 <= of_these <= issued else None


def share_difference(one: Decimal, other: Decimal) -> Decimal:
    """By how much a share or rate is above another; exact, since both have at most six decimals."""
    return _of_millionths(int((one - other).scaleb(PLACES)))


def decimal(value: float) -> Decimal:
    """A figure of a statistic to six decimals."""
    return _of_millionths(round(value * MICRO))


def price_each(amount_minor: int, units: int, currency: str) -> Decimal | None:
    """A unit's price on average: in the digits of its currency, and up to six where it is finer; None over no units."""
    if units <= 0:
        return None
    finer = 10 ** (PLACES - EXPONENTS[currency])
    micro = round_half_away(amount_minor * finer, units)
    return _of_millionths(micro) if micro % finer else amount(micro // finer, currency)


def _of_millionths(millionths: int) -> Decimal:
    """With no digit more than it needs: `12.75`, `2`."""
    whole, part = divmod(millionths, MICRO)
    return (millionths * _MILLIONTH).normalize() if part else Decimal(whole)
