"""When seeded orders are made: few at night, most in the evening, more at weekends, and a little more each day.

Source: docs/spec/seeding.md#orders.
"""

from typing import Final

from quote_service.lab.seeding.model.draws import Draws, Weighted
from quote_service.lab.seeding.model.plan import DAY_US, HISTORY_DAYS, SeedPlan
from quote_service.platform.system.instants import SECOND_US

_HOUR_US: Final = 3600 * SECOND_US
_LOCAL_US: Final = 3 * _HOUR_US  # Istanbul, all year round
# By local hour from midnight on, and by weekday from Monday on.
_HOURS: Final = (9, 5, 3, 2, 2, 3, 7, 14, 24, 34, 40, 43, 47, 45, 42, 41, 42, 46, 53, 62, 70, 66, 45, 22)
_WEEKDAYS: Final = (95, 92, 94, 98, 108, 122, 118)
_THURSDAY: Final = 3  # of 1970-01-01
_POINTS: Final = 1 << 32


class Rhythm:
    """The instants of all orders of a plan, in their order."""

    def __init__(self, plan: SeedPlan) -> None:
        self._orders = plan.orders
        self._from_us = plan.until_us - HISTORY_DAYS * DAY_US
        self._hours = Weighted([self._weight(hour) for hour in range(24 * HISTORY_DAYS)])

    def _weight(self, hour: int) -> int:
        local_us = self._from_us + hour * _HOUR_US + _LOCAL_US
        weekday = (local_us // DAY_US + _THURSDAY) % 7
        return _HOURS[local_us // _HOUR_US % 24] * _WEEKDAYS[weekday] * (200 + hour // 24)

    def instant_us(self, order: int, draws: Draws) -> int:
        """When an order's quote is issued: within the share of the history that is its own, so that orders ascend."""
        total = self._hours.total
        place, beyond = divmod((order * _POINTS + draws.below(_POINTS)) * total, self._orders * _POINTS)
        hour = self._hours.place_of(place)
        start = self._hours.start_of(hour)
        weight = self._hours.start_of(hour + 1) - start if hour + 1 < 24 * HISTORY_DAYS else total - start
        # The last quarter of each hour is left for whoever thinks before accepting: none does after the end.
        within_us = (
            ((place - start) * self._orders * _POINTS + beyond)
            * (_HOUR_US * 3 // 4)
            // (weight * self._orders * _POINTS)
        )
        return self._from_us + hour * _HOUR_US + within_us
