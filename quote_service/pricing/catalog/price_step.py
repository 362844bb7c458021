"""What a type of price rule does to the price of a unit (`rule_types/rule_type.py`), declared as data.

Source: docs/spec/pricing-rules.md#price-rules.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec

from quote_service.pricing.catalog.offer import Offer
from quote_service.pricing.catalog.price_change import PriceChange


class Circumstances(NamedTuple):
    """What an offer may be like: units of the line, the customer's tier, units that can be sold, and whether nothing or very
    much of the product was ordered recently; None for what makes no difference."""

    quantity: int | None = None
    tier: str | None = None
    stock: int | None = None
    is_wanted: bool | None = None


class PriceStep(msgspec.Struct, frozen=True, kw_only=True):
    """How the rules of a type change the price of a unit.

    The product's own types have their place in `price_order.py`; a type that is added names the one that it goes `before`,
    and why (`because`).
    """

    find_change: Callable[[Any, Offer], PriceChange | None]
    """What the effect of a rule whose conditions hold does to an offer; None for nothing, so that it does not act."""
    why_not: Callable[[Any, Offer], str]
    """For the explanation: why it does nothing to an offer, where `find_change` gives None."""
    extremes: Callable[[Any], Iterator[Circumstances]]
    """For the rule check: the circumstances in which a rule changes a price most."""
    flag: str | None = None
    """The flag that must be true for the customer for any rule of the type to act."""
    needs_stock: bool = False
    """Whether it looks at stock, which is followed only where rules ask for it."""
    demand_hours: Callable[[Any], int | None] = lambda effect: None
    """The hours of which it looks at demand, which is followed only where rules ask for it."""
    before: str | None = None
    because: str | None = None
