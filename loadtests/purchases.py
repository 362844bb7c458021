"""Is this purchase right, and do all answers of a crowd agree with what the service says of the sale?

Source: docs/spec/flash-sales.md#purchase; docs/spec/flash-sales.md#invariants.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple


class Order(NamedTuple):
    """What a buyer asked for."""

    customer_id: str
    product_id: str
    quantity: int
    price: Decimal


class Kept(NamedTuple):
    """What a buyer has in the end, as far as the answers said; `is_known` False where one never came."""

    customer_id: str
    units: int
    is_known: bool = True


def purchase_faults(purchase: dict[str, Any], order: Order, statuses: Iterable[str]) -> list[str]:
    """What is wrong with the answer to an order, in words; amounts were read as decimals."""
    wanted = {
        "customer_id": order.customer_id,
        "product_id": order.product_id,
        "quantity": order.quantity,
        "unit_price": order.price,
        "total": order.price * order.quantity,
    }
    faults = [
        f"{name} is {purchase[name]} instead of {value}" for name, value in wanted.items() if purchase[name] != value
    ]
    if purchase["status"] not in statuses:
        faults.append(f"its status is {purchase['status']}")
    return faults


def figures_faults(figures: dict[str, Any], allocated: int) -> list[str]:
    """Whether more is taken than there is; holds at every instant."""
    taken = figures["confirmed"] + figures["reserved"]
    faults = [] if taken <= allocated else [f"{taken} units are taken of {allocated}"]
    if not 0 <= figures["stock"] <= allocated:
        faults.append(f"the stock is {figures['stock']} of {allocated}")
    if figures["rejected"]:
        faults.append(f"{figures['rejected']} purchases were refused late")
    return faults


def audit_faults(figures: dict[str, Any], kept: Iterable[Kept], allocated: int, limit: int) -> Iterator[str]:
    """Whether what the buyers were told is what is recorded, once nothing is under way any more."""
    buyers = list(kept)
    yield from figures_faults(figures, allocated)
    reported = sum(buyer.units for buyer in buyers)
    unknown = sum(not buyer.is_known for buyer in buyers)
    if reported > figures["confirmed"] or (not unknown and reported != figures["confirmed"]):
        yield f"buyers know of {reported} confirmed units, {figures['confirmed']} are recorded ({unknown} got no answer)"
    if figures["stock"] + figures["confirmed"] + figures["reserved"] != allocated:
        yield f"stock {figures['stock']} and {figures['confirmed']} confirmed are not {allocated}"
    by_customer: dict[str, int] = {}
    for buyer in buyers:
        by_customer[buyer.customer_id] = by_customer.get(buyer.customer_id, 0) + buyer.units
    yield from (f"a customer has {units}, {limit} are allowed" for units in by_customer.values() if units > limit)
