"""What the minimum prices of products leave of a discount that respects them.

A line has room down to its `min_price` for each unit, rounded up to the minor unit. Where a discount is spread over lines,
what one has no room for goes to the others of the same discount; a discount of each line by itself loses it.

Source: docs/spec/pricing-rules.md#minimum-prices.
"""

from typing import Any, Final

from quote_service.platform.money.amounts import split_within
from quote_service.pricing.calculation_inputs import DiscountInputs
from quote_service.pricing.pricing_context import PricingContext
from quote_service.pricing.quote import QuoteLine
from quote_service.pricing.rule_types.discounts.kind import Taken

HELD: Final = "held at minimum prices"


def hold_at_minimum(
    context: PricingContext,
    floors: list[int],
    lines: list[QuoteLine],
    left: list[int],
    taken: Taken,
    whole_minor: int,
) -> list[int] | None:
    """What a discount takes off each line without going below a minimum.

    Args:
        context: The quote in the making.
        floors: What each line of the basket is held at (`line_floors`).
        lines: The covered lines, in the order of the basket.
        left: What each has left of its total, minor units.
        taken: What the discount would take off them.
        whole_minor: That together, within `max_discount`; > 0.

    Returns:
        The amounts, together at most `whole_minor`; None where the discount goes below no minimum.
    """
    rooms: list[int] = []
    index = 0
    for line, rest in zip(lines, left, strict=True):
        while context.lines[index] is not line:
            index += 1
        rooms.append(max(0, rest - floors[index]))
    weights = taken.amounts_minor if taken.weights is None else taken.weights
    sum_of_weights = sum(weights)
    if all(whole_minor * weight <= room * sum_of_weights for weight, room in zip(weights, rooms, strict=True)):
        return None
    if taken.weights is None:
        rooms = [min(room, amount) for room, amount in zip(rooms, taken.amounts_minor, strict=True)]
    return split_within(whole_minor, weights, rooms, [f"{line.product_id}{line.item.variant_id}" for line in lines])


def line_floors(context: PricingContext) -> list[int]:
    """What each line of the basket is held at, in minor units, 0 for no bound; empty where no line has one."""
    checked = context.checked
    if checked.floors_minor is not None:
        return checked.floors_minor
    if checked.catalog_prices is None:
        return []
    scale: int = 10 ** (6 - context.exponent)
    floors = [
        0 if price is None else -(-price.min_micro * line.item.quantity // scale)
        for price, line in zip(checked.catalog_prices, context.lines, strict=True)
    ]
    return floors if any(floors) else []


def is_held(inputs: Any) -> bool:
    """Whether a step is a discount that minimum prices kept from giving all that it promises."""
    return isinstance(inputs, DiscountInputs) and isinstance(inputs.min_price_cut, int)
