"""What was seen of rivals: who was looked at how, and what each look told, mistakes and gaps included.

Source: docs/spec/demonstration.md#what-it-leaves.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

import msgspec

from quote_service.intelligence.competitors.model.found_offers import Availability
from quote_service.intelligence.competitors.model.listings import PushedObservation
from quote_service.lab.demonstration.model.goods import CURRENCY, GOODS, Good
from quote_service.lab.demonstration.model.market import DayOfGood
from quote_service.lab.demonstration.model.plan import DemonstrationPlan
from quote_service.lab.demonstration.model.rivals import FOLLOWER, RIVALS, STEADY
from quote_service.platform.money.numbers import ExactNumber

#: Since so many days Weekend Market has reported nothing.
SILENT, SILENT_DAYS = 3, 5
_PREMIUM, _NOISY = 1, 4
_SOLD_OUT_DAYS: Final = 8
_NEW_DAYS: Final = 30
_GTIN_PREFIX: Final = "952"  # of GS1, for demonstrations
_SHIPPING: Final = ExactNumber("3.90")


class Sighting(NamedTuple):
    """A look at a rival's offer."""

    rival: int
    day: int
    observation: PushedObservation


def gtin_of(good: int) -> str:
    """The trade item number of a product, of those that are nobody's."""
    digits = f"{_GTIN_PREFIX}{good + 1:09d}"
    return digits + str(-sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10)


def their_sku(rival: int, good: int) -> str:
    """What a rival calls a product of ours."""
    letters = "".join(word[0] for word in RIVALS[rival].name.replace("&", "and").split())
    return f"{letters.upper()}-{1000 + good}"


def sightings_of(plan: DemonstrationPlan, days_sold: Iterable[DayOfGood]) -> list[Sighting]:
    """Every look of days that are told, by day."""
    return [
        Sighting(rival, each.day, _observation(plan, each.day, each.good, rival, price_minor))
        for each in days_sold
        for rival, price_minor in enumerate(each.rivals_minor)
        if _is_seen(plan, GOODS[each.good], rival, each.day)
    ]


def sightings_of_morning(plan: DemonstrationPlan, day: int, rivals_minor: Sequence[Sequence[int]]) -> list[Sighting]:
    """The looks of a day that begins, by what rivals ask for each product."""
    return [
        Sighting(rival, day, _observation(plan, day, good, rival, price_minor))
        for good, asked in enumerate(rivals_minor)
        for rival, price_minor in enumerate(asked)
        if _is_seen(plan, GOODS[good], rival, day)
    ]


def sighting_at_night(plan: DemonstrationPlan, good: int, price_minor: int, at: datetime) -> Sighting:
    """A look at the rival of a price war between two mornings."""
    seen = _observation(plan, plan.days, good, FOLLOWER, price_minor)
    return Sighting(FOLLOWER, plan.days, msgspec.structs.replace(seen, observed_at=at))


def _is_seen(plan: DemonstrationPlan, good: Good, rival: int, day: int) -> bool:
    left = plan.days - day
    if rival == SILENT:
        return left >= SILENT_DAYS
    return not (rival == _NOISY and good.story == "new_rival" and left > _NEW_DAYS)


def _observation(plan: DemonstrationPlan, day: int, good: int, rival: int, price_minor: int) -> PushedObservation:
    left, story = plan.days - day, GOODS[good].story
    availability: Availability = "in_stock"
    if rival == STEADY and story == "wrong_decimal" and left == 0:
        price_minor //= 10
    if rival == _PREMIUM and story == "sold_out_rival" and left <= _SOLD_OUT_DAYS:
        availability = "out_of_stock"
    return PushedObservation(
        currency=CURRENCY,
        price=ExactNumber(Decimal(price_minor).scaleb(-2)),
        external_id=their_sku(rival, good),
        sku=their_sku(rival, good),
        gtin=gtin_of(good) if rival == STEADY else None,
        title=GOODS[good].name,
        shipping=_SHIPPING if rival == _PREMIUM else None,
        availability=availability,
        seller=RIVALS[rival].name if RIVALS[rival].platform == "marketplace" else None,
        observed_at=plan.watched(day),
    )
