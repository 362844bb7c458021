"""The types of price rules in the order in which they act on a price, each with the reason for its place.

What stands here is the product's own. A type that is added brings its place (`price_step.py`).

Source: docs/spec/pricing-rules.md#price-rules.
"""

from collections.abc import Mapping
from typing import NamedTuple

from quote_service.pricing.catalog.price_step import PriceStep
from quote_service.pricing.rule_types.registry import RULE_TYPES


class Place(NamedTuple):
    """Where a type stands, and why there."""

    type: str
    because: str


_OWN = (
    Place("TIME_PRICE", "The calendar is planned for everybody alike, so it makes the price that the rest changes."),
    Place(
        "INVENTORY_PRICE", "Stock is the same for everybody too, and a percentage for it is of the price of the day."
    ),
    Place("DEMAND_PRICE", "Last of what everybody gets: it answers to how the price sells that the others made."),
    Place("USER_TIER_PRICE", "After what everybody pays, so that a customer's percentage is of the price others see."),
    Place("QUANTITY_PRICE", "At the end: what more units save is of what this customer would pay for a single one."),
)


def in_order(own: tuple[Place, ...], declared: Mapping[str, PriceStep]) -> tuple[tuple[str, PriceStep], ...]:
    """The types with their steps: the product's own as listed, others before the type that each names, by name.

    Raises:
        ValueError: One that is not listed names no type to go before.
    """
    types = [place.type for place in own]
    for name in sorted(declared.keys() - set(types)):
        before = declared[name].before
        if before not in types:
            raise ValueError(f"{name} is to go before {before}, and there is no such type of price rule")
        types.insert(types.index(before), name)
    return tuple((name, declared[name]) for name in types)


PRICE_ORDER = in_order(
    _OWN,
    {name: declared.adjusts_price for name, declared in RULE_TYPES.items() if declared.adjusts_price is not None},
)
