"""What there is to buy in one round, and what shoppers were told about it.

Source: docs/spec/orders.md#faults.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass
class Bought:
    """One order as its shopper knows it; amounts in minor units."""

    order_id: str
    key: str
    body: dict[str, Any]
    customer_id: str
    total_minor: int
    is_cancelled: bool = False
    is_fulfilled: bool = False
    refunds_minor: dict[str, int] = field(default_factory=dict)


@dataclass
class Shelf:
    """Two products of one seller, with a coupon and a promotion, and every order that was confirmed to somebody."""

    seller_id: str
    units: dict[str, int]
    code: str
    uses: int = 12
    budget_minor: int = 40_000
    promotion: str = ""
    coupon: str = ""
    coupon_id: str = ""
    bought: list[Bought] = field(default_factory=list)
    accepted: set[str] = field(default_factory=set)
    refusals: dict[str, int] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    answers: int = 0

    def basket(self, customer_id: str, lines: list[tuple[str, int]], *, with_coupon: bool) -> dict[str, Any]:
        """A basket of some of it, priced by the catalog."""
        return {
            "customer_id": customer_id,
            "seller_id": self.seller_id,
            "items": [{"product_id": product_id, "quantity": quantity} for product_id, quantity in lines],
            "delivery_address": {"city": "Istanbul", "country": "TR"},
            "currency": "TRY",
            **({"coupon_codes": [self.code]} if with_coupon else {}),
        }


def minor(amount: Any) -> int:
    """An amount of two digits, exact."""
    return int(Decimal(str(amount)).scaleb(2))
