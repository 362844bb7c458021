"""What an item of a flash sale is, in plain Python: what Redis and PostgreSQL ought to hold of it after each step.

Two views that may differ, as the real ones may: `Stock` is Redis's, which may be lost or go back in time; `Ledger` is
PostgreSQL's, which alone decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

Key = tuple[UUID, str]
TAKEN = ("reserved", "confirmed")


@dataclass(frozen=True)
class Taken:
    """Units that were taken under a key."""

    id: UUID
    key: Key
    quantity: int
    epoch: int

    @property
    def customer(self) -> UUID:
        return self.key[0]


@dataclass
class Stock:
    """Redis's view; `stream` waits to be recorded, `held` is still to be decided."""

    allocated: int
    left: int
    epoch: int
    owned: Counter[UUID] = field(default_factory=Counter)
    held: dict[UUID, Taken] = field(default_factory=dict)
    named: dict[Key, Taken] = field(default_factory=dict)
    stream: list[Taken] = field(default_factory=list)

    def reserve(self, taken: Taken) -> None:
        self.left -= taken.quantity
        self.owned[taken.customer] += taken.quantity
        self.held[taken.id] = self.named[taken.key] = taken
        self.stream.append(taken)

    def release(self, purchase: UUID) -> None:
        taken = self.held.pop(purchase, None)
        if taken is not None:
            self.left += taken.quantity
            self.owned[taken.customer] -= taken.quantity

    def settle(self, purchase: UUID) -> None:
        self.held.pop(purchase, None)


@dataclass
class Record:
    """A recorded purchase; `has_key` is false where its key belongs to another."""

    taken: Taken
    status: str
    has_key: bool = True


@dataclass
class Ledger:
    """PostgreSQL's view; `is_drifted`: Redis is known not to agree."""

    allocated: int
    limit: int
    is_held: bool
    epoch: int
    is_over: bool = False
    is_drifted: bool = False
    records: dict[UUID, Record] = field(default_factory=dict)

    @property
    def sold(self) -> int:
        return sum(one.taken.quantity for one in self.records.values() if one.status in TAKEN)

    @property
    def owned(self) -> Counter[UUID]:
        owned: Counter[UUID] = Counter()
        for one in self.records.values():
            if one.status in TAKEN:
                owned[one.taken.customer] += one.taken.quantity
        return owned

    def by_key(self, key: Key) -> Taken | None:
        return next((one.taken for one in self.records.values() if one.has_key and one.taken.key == key), None)

    def record(self, reservations: Iterable[Taken]) -> None:
        """Decide each that was not decided before, in order."""
        for taken in reservations:
            if taken.id in self.records:
                continue
            other = self.by_key(taken.key)
            fits = self.owned[taken.customer] + taken.quantity <= self.limit
            if other is None and fits and self.sold + taken.quantity <= self.allocated:
                self.take(taken)
                self.is_drifted |= taken.epoch != self.epoch
            else:
                self.records[taken.id] = Record(taken, "rejected", other is None)
                self.is_drifted = True

    def take(self, taken: Taken) -> None:
        self.records[taken.id] = Record(taken, "reserved" if self.is_held else "confirmed")

    def finish(self, stock: Stock | None, reservations: Iterable[Taken]) -> None:
        """Tell Redis what became of entries, and take them out of its stream."""
        if stock is None:
            return
        for taken in list(reservations):
            status = self.records[taken.id].status
            if status == "confirmed":
                stock.settle(taken.id)
            elif status != "reserved":
                stock.release(taken.id)
            stock.stream = [one for one in stock.stream if one.id != taken.id]

    def rebuilt(self, epoch: int) -> Stock:
        """Redis as it is built from what is recorded."""
        self.epoch, self.is_drifted = epoch, False
        return Stock(
            allocated=self.allocated,
            left=self.allocated - self.sold,
            epoch=epoch,
            owned=self.owned,
            held={one.taken.id: one.taken for one in self.records.values() if one.status == "reserved"},
            named={one.taken.key: one.taken for one in self.records.values() if one.has_key},
        )
