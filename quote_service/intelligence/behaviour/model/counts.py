"""What was done with a product in a while: numbers, added up.

Source: docs/spec/behaviour.md#sums.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from quote_service.intelligence.behaviour.model.reported import BehaviourEvent


class Counts(msgspec.Struct, kw_only=True):
    """How often each thing was done, and with how many units."""

    views: int = 0
    """Times its page was seen."""
    searches: int = 0
    """Times it was among the results of a search."""
    carts: int = 0
    """Times it was put into a cart."""
    cart_units: int = 0
    """Units of these."""
    purchases: int = 0
    """Times it was bought, as reported."""
    purchase_units: int = 0
    """Units of these."""

    def add(self, other: "Counts") -> None:
        """Add what was done besides."""
        for name in COUNTED:
            setattr(self, name, getattr(self, name) + getattr(other, name))


#: The fields of `Counts`, in their order.
COUNTED: tuple[str, ...] = Counts.__struct_fields__


class CountedMinute(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The data of the event `behaviour.counted`: a product's counts of one report within a minute."""

    product_id: UUID
    minute: datetime
    views: int = 0
    searches: int = 0
    carts: int = 0
    cart_units: int = 0
    purchases: int = 0
    purchase_units: int = 0


class BehaviourDay(NamedTuple):
    """How often a product was seen and put into carts on a day."""

    product_id: UUID
    day: date
    views: int
    carts: int


def count_minutes(events: Iterable[tuple[BehaviourEvent, datetime]]) -> list[CountedMinute]:
    """Add up events with their instants by product and minute."""
    sums: dict[tuple[UUID, datetime], Counts] = defaultdict(Counts)
    for event, at in events:
        sums[event.product_id, at.replace(second=0, microsecond=0)].add(_counts_of(event))
    return [
        CountedMinute(product_id=product_id, minute=minute, **msgspec.structs.asdict(counts))
        for (product_id, minute), counts in sorted(sums.items())
    ]


def count_quarters(minutes: Iterable[CountedMinute]) -> dict[tuple[UUID, datetime], Counts]:
    """Add up minutes by product and quarter of an hour."""
    sums: dict[tuple[UUID, datetime], Counts] = defaultdict(Counts)
    for each in minutes:
        counts = Counts(**{name: getattr(each, name) for name in COUNTED})
        sums[each.product_id, begin_of_quarter(each.minute)].add(counts)
    return dict(sorted(sums.items()))


def begin_of_quarter(at: datetime) -> datetime:
    """When the quarter of an hour of an instant began, in UTC."""
    at = at.astimezone(UTC)
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)


def _counts_of(event: BehaviourEvent) -> Counts:
    match event.type:
        case "view":
            return Counts(views=1)
        case "search":
            return Counts(searches=1)
        case "cart":
            return Counts(carts=1, cart_units=event.quantity)
        case "purchase":
            return Counts(purchases=1, purchase_units=event.quantity)
