"""What one shopper does: what is looked for, how many are wanted, whether the price is low enough, and what is sent back. Pure.

Source: docs/spec/seeding.md#shoppers.
"""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final, Literal, NamedTuple

from quote_service.lab.seeding.model.draws import Draws, Weighted

CHANCE_AT_BASE: Final = 0.5
"""How likely a shopper who has a quote buys at the base price."""
ABANDONS_PERCENT: Final = 10
_SEARCHES_PERCENT: Final = 40
_RESERVES_PERCENT: Final = 30
_BASKETS_PERCENT: Final = 20
_WAITS_PERCENT: Final = 5
_RETURNS_MORE_PERCENT: Final = 50
_RESTOCKS_PERCENT: Final = 60
_DELIVERIES: Final = ("none", "proportional", "full")
_QUANTITIES: Final = Weighted((80, 14, 6))
_CHANCES: Final = 1 << 32
_COUNTRY: Final = "TR"
_PLACES: Final = (
    ("Istanbul", 41.0082, 28.9784),
    ("Ankara", 39.9334, 32.8597),
    ("Izmir", 38.4237, 27.1428),
)


Way = Literal["quote", "reserved quote", "basket"]
Fate = Literal["waits", "cancelled", "fulfilled", "sent back"]


class Habits(NamedTuple):
    """How shoppers are: percentages are of orders, and of those that are fulfilled."""

    elasticity: float
    cancel_percent: int
    refund_percent: int


class Wish(NamedTuple):
    """An item that a shopper considers, as its page shows it."""

    product_id: str
    variant_id: str | None
    seller_id: str | None
    name: str
    currency: str
    base_price: Decimal
    current_price: Decimal
    quantity: int


class Shopper:
    """One visit; the same seed and number come to the same decisions about the same pages."""

    def __init__(self, seed: int, number: int, elasticity: float) -> None:
        self._draws = Draws(seed, "visit", number)
        self._elasticity = elasticity
        self.makes_up_id = self._draws.identifier(0)

    def searches(self) -> bool:
        """Whether the shopper looks for words, or goes through the list."""
        return self._draws.percent(_SEARCHES_PERCENT)

    def one_of(self, things: list[Any]) -> Any:
        """One of several."""
        return self._draws.one_of(things)

    def wish(self, page: dict[str, Any]) -> Wish | None:
        """What is wanted of a product; None where it has no price."""
        variant = self._draws.one_of(page["variants"]) if page["variants"] else None
        prices = page["prices"] if variant is None else variant["prices"]
        if not prices:
            return None
        price = prices[0]
        return Wish(
            product_id=page["id"],
            variant_id=None if variant is None else variant["id"],
            seller_id=page["seller_id"],
            name=page["name"],
            currency=price["currency"],
            base_price=price["base_price"],
            current_price=price["current_price"],
            quantity=1 + _QUANTITIES.draw(self._draws),
        )

    def basket(self, wish: Wish, customer_id: str) -> dict[str, Any]:
        """The request of a quote; it carries the price of the page, as checkouts do."""
        city, latitude, longitude = self._draws.one_of(_PLACES)
        item: dict[str, Any] = {
            "product_id": wish.product_id,
            "quantity": wish.quantity,
            "unit_price": str(wish.current_price),
        }
        if wish.variant_id is not None:
            item["variant_id"] = wish.variant_id
        return {
            "customer_id": customer_id,
            "seller_id": wish.seller_id or customer_id,
            "items": [item],
            "delivery_address": {"country": _COUNTRY, "city": city, "latitude": latitude, "longitude": longitude},
            "currency": wish.currency,
        }

    def buys(self, unit_price: Decimal, base_price: Decimal) -> bool:
        """Whether the shopper wants it at this price: more expensive is bought less often, by the elasticity."""
        return self._draws.below(_CHANCES) < chance_to_buy(unit_price, base_price, self._elasticity) * _CHANCES

    def abandons(self) -> bool:
        """Whether the shopper leaves for reasons that have nothing to do with the price."""
        return self._draws.percent(ABANDONS_PERCENT)

    def way(self) -> Way:
        """How the order is placed: of the quote, of the quote once it is reserved, or of the basket."""
        if self._draws.percent(_BASKETS_PERCENT):
            return "basket"
        return "reserved quote" if self._draws.percent(_RESERVES_PERCENT) else "quote"

    def fate(self, habits: Habits) -> Fate:
        """What becomes of the order."""
        if self._draws.percent(habits.cancel_percent):
            return "cancelled"
        if self._draws.percent(_WAITS_PERCENT):
            return "waits"
        return "sent back" if self._draws.percent(habits.refund_percent) else "fulfilled"

    def refunds(self, lines: Sequence[tuple[int, int]]) -> list[dict[str, Any]]:
        """The requests of refunds of lines, each with its units: some of them, and maybe more later, at most all."""
        left = dict(lines)
        asked: list[dict[str, Any]] = []
        while left and (not asked or self._draws.percent(_RETURNS_MORE_PERCENT)):
            line_id = self._draws.one_of(sorted(left))
            quantity = self._draws.between(1, left[line_id])
            asked.append(
                {
                    "lines": [{"line_id": line_id, "quantity": quantity}],
                    "delivery": self._draws.one_of(_DELIVERIES),
                    "restock": self._draws.percent(_RESTOCKS_PERCENT),
                }
            )
            left[line_id] -= quantity
            if not left[line_id]:
                del left[line_id]
        return asked


def chance_to_buy(unit_price: Decimal, base_price: Decimal, elasticity: float) -> float:
    """`CHANCE_AT_BASE` times (price / base price) to the power of -elasticity, at most 1."""
    if unit_price <= 0 or base_price <= 0:
        return 1.0
    return min(1.0, CHANCE_AT_BASE * math.pow(unit_price / base_price, -elasticity))
