"""Days of sales as rows that demand is learnt from, and the lowest price of competitors on each. No numbers library needed.

Source: docs/spec/price-decisions.md#models.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from math import log1p, nan
from typing import Final, NamedTuple
from uuid import UUID

#: What is said of behaviour on one day is known for sure when so many days have passed since it began.
KNOWN_AFTER_DAYS: Final = 2
BEHAVIOUR_DAYS: Final = 7
BEHAVIOUR_COLUMNS: Final = ("views", "carts", "views_of_week", "carts_of_week")


class SaleRow(NamedTuple):
    """A day on which something was sold of a product.

    Attributes:
        item: Its number.
        day: Counted on, from 1 January of the year 1.
        price_minor: On average, before discounts.
        discount: Share of it that discounts took off.
        rival_minor: The lowest comparable price of a competitor; None where none was known.
        cost_minor: Of a unit at the end of the day; None where nobody had said.
        behaviour: What shoppers had done before, as `behaviour_before` shows it; None where it is not learnt from.
    """

    item: int
    day: int
    units: int
    price_minor: float
    discount: float
    rival_minor: float | None
    cost_minor: float | None = None
    behaviour: tuple[float, ...] | None = None


class RivalStep(NamedTuple):
    """What a listing cost from an instant on, in minor units of one of ours; None where it may not be compared."""

    listing_id: UUID
    at: datetime
    price_minor: float | None


class CostStep(NamedTuple):
    """What a unit cost from an instant on, in minor units; None where nobody says any more."""

    at: datetime
    cost_minor: float | None


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


def costs_by_day(steps: Sequence[CostStep], ends: Sequence[tuple[date, datetime]]) -> dict[date, float]:
    """What a unit cost at the end of each day; days before anybody had said have none.

    Args:
        steps: Of one product and currency, by time.
        ends: Days with the instants at which they end.
    """
    times = [step.at for step in steps]
    found: dict[date, float] = {}
    for day, end in ends:
        place = bisect_left(times, end)
        cost = steps[place - 1].cost_minor if place else None
        if cost is not None and cost > 0:
            found[day] = cost
    return found


def behaviour_before(days: Mapping[date, tuple[int, int]], day: date, first: date | None) -> tuple[float, ...]:
    """What shoppers had done with a product, as it was known when a day began: seen and put into carts, a day and a week.

    Events may be told up to 24 hours late, so the day before is not known yet, and the last that is known is the one before that.

    Args:
        days: Views and carts of the product by day; days without either may be left out.
        day: Which begins.
        first: The first day on which anything was counted of any product; what was before is not known.

    Returns:
        Logarithms of one more than views and carts on the last known day, and of one more than their means over its week; NaN
        where the week is not known.
    """
    known = [day - timedelta(days=before) for before in range(KNOWN_AFTER_DAYS, KNOWN_AFTER_DAYS + BEHAVIOUR_DAYS)]
    if first is None or known[-1] < first:
        return (nan,) * len(BEHAVIOUR_COLUMNS)
    counts = [days.get(each, (0, 0)) for each in known]
    return (
        *(log1p(count) for count in counts[0]),
        *(log1p(sum(each[column] for each in counts) / BEHAVIOUR_DAYS) for column in (0, 1)),
    )
