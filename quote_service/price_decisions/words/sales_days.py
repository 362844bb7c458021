"""Days of sales as rows that demand is learnt from, and the lowest price of competitors on each. No numbers library needed.

Source: docs/spec/price-decisions.md#models.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID


class SaleRow(NamedTuple):
    """A day on which something was sold of a product.

    Attributes:
        item: Its number.
        day: Counted on, from 1 January of the year 1.
        price_minor: On average, before discounts.
        discount: Share of it that discounts took off.
        rival_minor: The lowest comparable price of a competitor; None where none was known.
    """

    item: int
    day: int
    units: int
    price_minor: float
    discount: float
    rival_minor: float | None


class RivalStep(NamedTuple):
    """What a listing cost from an instant on, in minor units of one of ours; None where it may not be compared."""

    listing_id: UUID
    at: datetime
    price_minor: float | None


def lowest_rivals(steps: Iterable[RivalStep], ends: Sequence[tuple[date, datetime]]) -> dict[date, float]:
    """The lowest price of all listings at the end of each day.

    Args:
        steps: Of one product and currency, in any order.
        ends: Days with the instants at which they end.
    """
    by_listing: dict[UUID, list[RivalStep]] = defaultdict(list)
    for step in steps:
        by_listing[step.listing_id].append(step)
    found: dict[date, float] = {}
    for listing in by_listing.values():
        listing.sort(key=lambda step: step.at)
        times = [step.at for step in listing]
        for day, end in ends:
            place = bisect_right(times, end)
            price = listing[place - 1].price_minor if place else None
            if price is not None and price > 0:
                found[day] = min(found.get(day, price), price)
    return found
