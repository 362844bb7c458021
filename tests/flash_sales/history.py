"""What clients saw, held against what is recorded. An answer that never came is an outcome of its own: unknown.

The invariants that the databases show by themselves (I6 to I8, I10, I12) are the audit's; these are the ones for which
it takes the clients: what they asked, what they were told, and when.

Source: docs/spec/flash-sales.md#invariants; docs/spec/flash-sales.md#faults.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

TAKEN = ("confirmed", "reserved")
# What is told once and holds for ever.
DECIDED = ("confirmed", "rejected", "cancelled", "expired")


@dataclass(frozen=True)
class Seen:
    """One answer that a client got, or `unknown` where none came: to a customer's key, a purchase and its status."""

    customer_id: str
    key: str
    outcome: str  # reserved, confirmed, rejected, cancelled, expired; refused, unknown
    purchase_id: str = ""
    quantity: int = 0  # as told, or as asked where nothing was told; 0: not noted
    unit_price_minor: int = 0
    reason: str = ""  # of a refusal
    began: float = 0.0  # when it was asked and when answered, in seconds of one monotonic clock
    ended: float = 0.0


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


def check_history(
    seen: Sequence[Seen],
    kept: Sequence[Kept],
    *,
    allocated: int,
    limit: int,
    price_minor: int | None = None,
    recoveries: int | None = None,
) -> Verdict:
    """Hold the clients' history against the records.

    Args:
        seen: Every answer, in any order.
        kept: Every recorded purchase of the item.
        allocated: Units there were.
        limit: Units a customer may have.
        price_minor: What a unit cost all the time; None where it changed.
        recoveries: How often the service says that it built the item again after it was first built; None: not asked.
    """
    recorded = {one.purchase_id: one for one in kept}
    lost = {one.purchase_id for one in seen if one.outcome == "reserved"} - recorded.keys()
    broken = [
        *_too_many(kept, allocated, limit),
        *_several_of_a_key(seen, kept, recorded),
        *_answered_otherwise(seen, recorded),
        *_never_asked(seen, kept),
    ]
    if price_minor is not None:
        broken += [
            f"I9: {one.purchase_id} costs {one.unit_price_minor}" for one in kept if one.unit_price_minor != price_minor
        ]
    if not recoveries:  # a refusal goes with what Redis loses, which a recovery reports
        broken += _bought_though_refused(seen, kept)
    if lost and recoveries == 0:
        broken.append(f"I13: {len(lost)} reservations are lost, and no recovery says so")
    return Verdict(broken, len(lost))


def check_sold_out(seen: Sequence[Seen], kept: Sequence[Kept], *, allocated: int) -> list[str]:
    """I11, where demand was as high as the allocation, nothing broke and nothing was given back.

    A refusal is early if, even with all that anybody had asked for before it was answered, there were units left.
    """
    sold = sum(one.quantity for one in kept if one.status in TAKEN)
    broken = [] if sold == allocated else [f"I11: {sold} units of {allocated} are sold"]
    began: dict[tuple[str, str], float] = {}
    for one in seen:
        began[one.customer_id, one.key] = min(one.began, began.get((one.customer_id, one.key), one.began))
    bought = [
        (began[one.customer_id, one.key], one.quantity)
        for one in kept
        if one.key is not None and one.status in TAKEN and (one.customer_id, one.key) in began
    ]
    for refusal in seen:
        if refusal.outcome == "refused" and refusal.reason == "sold-out":
            before = sum(quantity for at, quantity in bought if at < refusal.ended)
            if before + max(1, refusal.quantity) <= allocated:
                broken.append(f"I11: {refusal.key} was refused with at most {before} of {allocated} units taken")
    return broken


def check_liveness(ended: Sequence[float], successes: Sequence[float], *, within_seconds: float) -> list[str]:
    """I14: so soon after each fault ended, a purchase succeeded.

    Args:
        ended: When each fault was over.
        successes: When purchases were answered `reserved` or `confirmed`.
        within_seconds: How soon.
    """
    return [
        f"I14: nothing was sold in the {within_seconds} s after the fault that ended at {at:.3f}"
        for at in ended
        if not any(at <= success <= at + within_seconds for success in successes)
    ]


def _too_many(kept: Sequence[Kept], allocated: int, limit: int) -> list[str]:
    by_customer: dict[str, int] = defaultdict(int)
    for one in kept:
        if one.status in TAKEN:
            by_customer[one.customer_id] += one.quantity
    taken = sum(by_customer.values())
    broken = [f"I1: {taken} units of {allocated} are taken"] if taken > allocated else []
    return broken + [f"I2: {customer} has {units}" for customer, units in by_customer.items() if units > limit]


def _several_of_a_key(seen: Sequence[Seen], kept: Sequence[Kept], recorded: dict[str, Kept]) -> list[str]:
    keys = [(one.customer_id, one.key) for one in kept if one.key is not None]
    broken = [f"I3: {key} has several purchases" for key in sorted({key for key in keys if keys.count(key) > 1})]
    owner = {(one.customer_id, one.key): one for one in kept if one.key is not None}
    messages: dict[tuple[str, str], list[Seen]] = defaultdict(list)
    for answer in seen:
        if answer.purchase_id:
            messages[answer.customer_id, answer.key].append(answer)
    for key, answers in messages.items():
        # Another one that was lost, or that came too late to be more than rejected, is none.
        counted = {
            answer.purchase_id
            for answer in answers
            if answer.purchase_id in recorded and recorded[answer.purchase_id].status != "rejected"
        }
        if len(counted) > 1:
            broken.append(f"I3: {key} was told of {sorted(counted)}")
        last = max(answers, key=lambda answer: answer.ended)
        bought = owner.get(key)
        if last.outcome == "rejected" and bought is not None and bought.status in TAKEN:
            broken.append(f"I3: {key} was told last that it bought nothing, and has bought {bought.purchase_id}")
    return broken


def _bought_though_refused(seen: Sequence[Seen], kept: Sequence[Kept]) -> list[str]:
    last: dict[tuple[str, str], Seen] = {}
    for answer in seen:
        key = (answer.customer_id, answer.key)
        # What is not known, or says only that it was decided before, takes nothing back of what was told.
        if answer.outcome != "unknown" and answer.reason != "purchase-decided":
            last[key] = max(answer, last.get(key, answer), key=lambda one: one.ended)
    return [
        f"I3: {one.key} was refused ({last[one.customer_id, one.key].reason}), and has bought {one.purchase_id}"
        for one in kept
        if one.key is not None
        and one.status in TAKEN
        and (one.customer_id, one.key) in last
        and last[one.customer_id, one.key].outcome == "refused"
    ]


def _answered_otherwise(seen: Sequence[Seen], recorded: dict[str, Kept]) -> list[str]:
    broken = []
    for answer in seen:
        if answer.outcome not in DECIDED:
            continue
        record = recorded.get(answer.purchase_id)
        if record is None or record.status != answer.outcome:
            is_now = record.status if record else "not there"
            broken.append(f"I4: {answer.purchase_id} was {answer.outcome} and is {is_now}")
        elif (record.quantity, record.unit_price_minor) != (answer.quantity, answer.unit_price_minor):
            broken.append(f"I4: {answer.purchase_id} was {answer.outcome} otherwise")
    return broken


def _never_asked(seen: Sequence[Seen], kept: Sequence[Kept]) -> list[str]:
    asked: dict[tuple[str, str | None], int] = {}
    for one in seen:
        asked[one.customer_id, one.key] = one.quantity or asked.get((one.customer_id, one.key), 0)
    customers = {one.customer_id for one in seen}
    broken = []
    for held in kept:
        if held.key is None:  # it came late, and its key belongs to another
            if held.customer_id not in customers or held.status in TAKEN:
                broken.append(f"I5: nobody asked for {held.purchase_id}")
        elif (held.customer_id, held.key) not in asked:
            broken.append(f"I5: nobody asked for {held.purchase_id}")
        elif asked[held.customer_id, held.key] not in (0, held.quantity):
            broken.append(f"I5: {held.purchase_id} has {held.quantity} units, which nobody asked for")
    return broken
