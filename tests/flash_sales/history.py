"""What clients saw, held against what is recorded. An answer that never came is an outcome of its own: unknown.

Source: spec 7; research 2.10, 4.1.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Seen:
    """One answer that a client got, or `unknown` where none came: to a customer's key, a purchase and its status."""

    customer_id: str
    key: str
    outcome: str  # reserved, confirmed, rejected, refused, unknown
    purchase_id: str = ""
    quantity: int = 0
    unit_price_minor: int = 0


@dataclass(frozen=True)
class Kept:
    """One recorded purchase."""

    purchase_id: str
    customer_id: str
    key: str | None
    status: str
    quantity: int
    unit_price_minor: int


@dataclass
class Verdict:
    """What is wrong, and how many purchases were answered `reserved` and then lost."""

    violations: list[str] = field(default_factory=list)
    lost: int = 0


def check_history(seen: list[Seen], kept: list[Kept], *, allocated: int, limit: int) -> Verdict:
    """Hold the clients' history against the records.

    Args:
        seen: Every answer, in any order.
        kept: Every recorded purchase of the item.
        allocated: Units there were.
        limit: Units a customer may have.
    """
    verdict = Verdict()
    broken = verdict.violations
    recorded = {one.purchase_id: one for one in kept}
    taken = [one for one in kept if one.status in ("confirmed", "reserved")]
    if sum(one.quantity for one in taken) > allocated:
        broken.append(f"I1: {sum(one.quantity for one in taken)} units of {allocated} are taken")
    by_customer: dict[str, int] = {}
    for one in taken:
        by_customer[one.customer_id] = by_customer.get(one.customer_id, 0) + one.quantity
    broken += [f"I2: {customer} has {units}" for customer, units in by_customer.items() if units > limit]
    asked = {(one.customer_id, one.key) for one in seen}
    broken += [f"I5: nobody asked for {one.purchase_id}" for one in taken if (one.customer_id, one.key) not in asked]
    keys = [(one.customer_id, one.key) for one in kept if one.key is not None]
    broken += [f"I3: {key} has several purchases" for key in {key for key in keys if keys.count(key) > 1}]
    named: dict[tuple[str, str], set[str]] = {}
    for answer in seen:
        if answer.purchase_id:
            named.setdefault((answer.customer_id, answer.key), set()).add(answer.purchase_id)
    for key, ids in named.items():
        if len(ids) > 1 and len(ids & recorded.keys()) > 1:
            broken.append(f"I3: {key} was told of {sorted(ids)}")
    told = {one.purchase_id for one in seen if one.outcome == "reserved"}
    verdict.lost = len(told - recorded.keys())
    for answer in seen:
        if answer.outcome != "confirmed":
            continue
        record = recorded.get(answer.purchase_id)
        if record is None or record.status != "confirmed":
            broken.append(f"I4: {answer.purchase_id} was confirmed and is {record.status if record else 'not there'}")
        elif (record.quantity, record.unit_price_minor) != (answer.quantity, answer.unit_price_minor):
            broken.append(f"I4: {answer.purchase_id} was confirmed otherwise")
    return verdict
