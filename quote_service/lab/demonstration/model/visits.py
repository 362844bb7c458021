"""What shoppers did with products in the last days, as it is reported: counted, and of nobody.

Source: docs/spec/demonstration.md#what-it-leaves.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from quote_service.intelligence.behaviour.model.reported import BehaviourEvent
from quote_service.lab.demonstration.model.baskets import baskets_of
from quote_service.lab.demonstration.model.market import DayOfGood
from quote_service.lab.demonstration.model.plan import DemonstrationPlan
from quote_service.lab.seeding.model.draws import Draws
from quote_service.platform.system.instants import from_micros

#: For so many days before now behaviour is told.
VISITED_DAYS: Final = 14
_POINTS: Final = 1 << 20
_SEARCHES_PERCENT: Final = 40
_LEFT_PERCENT: Final = 60


def visits_of(
    plan: DemonstrationPlan, day: int, days_sold: Sequence[DayOfGood], products: Sequence[UUID]
) -> Iterator[BehaviourEvent]:
    """Every view, search, cart and purchase of a day; instants are whole hours."""
    for each in days_sold:
        draws = Draws(plan.seed, f"demonstration visits {each.good}", day)
        product = products[each.good]
        for _ in range(each.visits):
            at = _hour(plan.sold_us(day, draws.below(_POINTS) / _POINTS))
            yield BehaviourEvent(type="view", product_id=product, at=at)
            if draws.percent(_SEARCHES_PERCENT):
                yield BehaviourEvent(type="search", product_id=product, at=at)
    for basket in baskets_of(plan, day, days_sold):
        at = _hour(basket.at_us)
        for good, units in basket.units.items():
            yield BehaviourEvent(type="cart", product_id=products[good], quantity=units, at=at)
            yield BehaviourEvent(type="purchase", product_id=products[good], quantity=units, at=at)
            if Draws(plan.seed, basket.quote_id, good).percent(_LEFT_PERCENT):  # somebody else thought better of it
                yield BehaviourEvent(type="cart", product_id=products[good], quantity=1, at=at)


def _hour(at_us: int) -> datetime:
    return from_micros(at_us).replace(minute=0, second=0, microsecond=0)
