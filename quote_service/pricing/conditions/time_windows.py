"""Weekdays and times of day, in a time zone of their own: is the window open at an instant, and until when is that sure?

A rulebook settles its windows once for a stretch of time, so a quote never asks. The end of the stretch is the next
edge of a window, and at the latest the next quarter of an hour: clock changes happen on quarters, so none is stepped over.

Source: docs/spec/pricing-rules.md#conditions.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from quote_service.platform.system.instants import SECOND_US, from_micros, to_micros
from quote_service.platform.system.time_zones import zone
from quote_service.pricing.conditions.conditions import Conditions, time_of_day, weekday_number

_QUARTER_US = 15 * 60 * SECOND_US


class TimeWindow(msgspec.Struct, frozen=True):
    """Local weekdays (ISO numbers, None for all) and a half-open stretch of the day (None for the whole of it)."""

    weekdays: frozenset[int] | None
    weekday_zone: ZoneInfo
    starts: time | None
    ends: time | None
    day_zone: ZoneInfo

    def is_open(self, at_us: int) -> bool:
        """Whether the window is open at an instant.

        What passes midnight belongs to the weekday on which it began, at both ends: its early hours are open on the
        morning after one of the weekdays, and shut on the morning of the first of them.
        """
        at = from_micros(at_us)
        began_before = False
        if self.starts is not None and self.ends is not None:
            local = at.astimezone(self.day_zone).time()
            if self.starts < self.ends:
                if not self.starts <= local < self.ends:
                    return False
            elif local < self.ends:
                began_before = True
            elif local < self.starts:
                return False
        return self.weekdays is None or self._weekday(at, began_before) in self.weekdays

    def _weekday(self, at: datetime, began_before: bool) -> int:
        """The ISO weekday of an instant, or of the evening before it, in the weekdays' calendar."""
        if not began_before:
            return at.astimezone(self.weekday_zone).isoweekday()
        # By dates, not 24 hours back: the night may be one in which the clocks change.
        evening = at.astimezone(self.day_zone).date() - timedelta(days=1)
        if self.weekday_zone.key == self.day_zone.key or self.starts is None:
            return evening.isoweekday()
        return datetime.combine(evening, self.starts, self.day_zone).astimezone(self.weekday_zone).isoweekday()

    def settled_until(self, at_us: int) -> int:
        """An instant up to which `is_open` answers the same as at this one."""
        until_us = (at_us // _QUARTER_US + 1) * _QUARTER_US
        for edge_us in self._edges_from(at_us):
            if at_us < edge_us < until_us:
                until_us = edge_us
        return until_us

    def turns(self, from_us: int, until_us: int) -> Iterator[int]:
        """The instants of a day at most (`from_us <= t < until_us`) at which the window opens or shuts."""
        first_us = -(-from_us // _QUARTER_US) * _QUARTER_US
        instants = {from_us, *range(first_us, until_us, _QUARTER_US), *self._edges_from(from_us)}
        was_open = self.is_open(from_us - 1)
        for at_us in sorted(instants):
            if from_us <= at_us < until_us:
                is_open = self.is_open(at_us)
                if is_open is not was_open:
                    yield at_us
                was_open = is_open

    def _edges_from(self, at_us: int) -> Iterator[int]:
        """Where the stretch of the day begins and ends by the clocks of an instant's day and of the next."""
        today = from_micros(at_us).astimezone(self.day_zone).date()
        for edge in (self.starts, self.ends):
            if edge is not None:
                for day in (today, today + timedelta(days=1)):
                    for fold in (0, 1):
                        yield to_micros(datetime.combine(day, edge, self.day_zone).replace(fold=fold))


def compile_time_window(conditions: Conditions) -> TimeWindow | None:
    """The window that conditions describe; None where they name neither weekdays nor a time of day."""
    window = conditions.time_of_day
    if conditions.weekdays is None and window is None:
        return None
    # A time zone given for the time of day alone holds for the weekdays too: one local calendar.
    day_zone = zone((window.timezone if window else None) or conditions.timezone)
    weekday_zone = zone(conditions.timezone or (window.timezone if window else None))
    assert day_zone is not None
    assert weekday_zone is not None
    numbers = (weekday_number(weekday) for weekday in conditions.weekdays or ())
    return TimeWindow(
        weekdays=frozenset(number for number in numbers if number) if conditions.weekdays is not None else None,
        weekday_zone=weekday_zone,
        starts=time_of_day(window.starts) if window else None,
        ends=time_of_day(window.ends) if window else None,
        day_zone=day_zone,
    )
