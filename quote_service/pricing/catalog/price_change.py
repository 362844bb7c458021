"""What a price rule does to the price of a unit: any of its changes is one multiplication and one addition, exact.

Source: docs/spec/pricing-rules.md#price-rules.
"""

import msgspec

from quote_service.platform.money.amounts import PERCENT_MICRO


class PriceChange(msgspec.Struct, frozen=True, gc=False):
    """A price becomes price * `numerator` / `denominator` + `plus_micro`, in millionths of a major unit.

    `percent_micro` (millionths of a percent, rounded) is set where that is a percentage, `price_micro` where it is a price
    whatever was before: what is told of the change.
    """

    numerator: int
    denominator: int
    plus_micro: int
    percent_micro: int | None = None
    price_micro: int | None = None


class PriceEnding(msgspec.Struct, frozen=True, gc=False):
    """Prices that end alike: `ending_micro` more than a multiple of `modulus_micro`."""

    ending_micro: int
    modulus_micro: int


class PriceEffect(msgspec.Struct, frozen=True):
    """What the effects of all price rules have in common.

    `ending` are the prices of which the nearest is taken at the end; `is_exclusive` stops the rules of the same type after
    this one.
    """

    ending: PriceEnding | None
    is_exclusive: bool


def change_by_percent(percent_micro: int) -> PriceChange:
    """More by a percentage in millionths of a percent, or less by it where it is below 0."""
    return PriceChange(PERCENT_MICRO + percent_micro, PERCENT_MICRO, 0, percent_micro=percent_micro)


def change_by_amount(amount_micro: int) -> PriceChange:
    """More by an amount, or less by it where it is below 0."""
    return PriceChange(1, 1, amount_micro)


def change_to_price(price_micro: int) -> PriceChange:
    """A price, whatever was before."""
    return PriceChange(0, 1, price_micro, price_micro=price_micro)
