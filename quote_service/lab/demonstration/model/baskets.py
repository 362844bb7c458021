"""What was sold on a day, as baskets: one to seven units each, by some customer, at some time of the day.

Source: docs/spec/demonstration.md#what-it-leaves.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from quote_service.lab.demonstration.model.market import DayOfGood
from quote_service.lab.demonstration.model.plan import DemonstrationPlan
from quote_service.lab.seeding.model.draws import Draws
from quote_service.platform.system.instants import SECOND_US

CUSTOMERS: Final = 80
_MOST_UNITS: Final = 7
_POINTS: Final = 1 << 20
_DECIDES_S: Final = 400


class SoldBasket(NamedTuple):
    """A basket; `units` by the number of the product."""

    quote_id: str
    customer: int
    at_us: int
    decides_us: int
    units: Mapping[int, int]


def baskets_of(plan: DemonstrationPlan, day: int, sold: Sequence[DayOfGood]) -> Iterator[SoldBasket]:
    """The baskets of a day: every unit that was sold lies in one of them."""
    draws = Draws(plan.seed, "demonstration day", day)
    units = [each.good for each in sold for _ in range(each.units)]
    for at in range(len(units) - 1, 0, -1):
        other = draws.below(at + 1)
        units[at], units[other] = units[other], units[at]
    place = number = 0
    while place < len(units):
        size = draws.between(1, _MOST_UNITS)
        at_us = plan.sold_us(day, draws.below(_POINTS) / _POINTS)
        each = Draws(plan.seed, f"demonstration basket {day}", number)
        yield SoldBasket(
            quote_id=each.identifier(at_us),
            customer=each.below(CUSTOMERS),
            at_us=at_us,
            decides_us=each.between(20, _DECIDES_S) * SECOND_US,
            units=Counter(units[place : place + size]),
        )
        place, number = place + size, number + 1
