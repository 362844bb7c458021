"""Days of a time zone as numbers and instants: one calendar for whichever engine counts.

Source: docs/spec/market-analysis.md#days.
"""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


class CalendarDay(NamedTuple):
    """A day by its number (of the proleptic calendar), and the instants that it lies between, in microseconds."""

    day: int
    day_begin_us: int
    day_end_us: int


class Calendar(NamedTuple):
    """Consecutive days; the last one ends now, as far as figures go."""

    days: tuple[CalendarDay, ...]
    zone: ZoneInfo

    @property
    def first(self) -> int:
        """The number of the first day."""
        return self.days[0].day

    @property
    def last(self) -> int:
        """The number of the last day."""
        return self.days[-1].day

    @property
    def begins_us(self) -> int:
        """When the first day begins."""
        return self.days[0].day_begin_us


def calendar_until(now_us: int, zone: ZoneInfo, days: int) -> Calendar:
    """So many days up to and including the one that it is now.

    The day that runs ends a microsecond after now, so that what holds now is its close so far.
    """
    now = datetime.fromtimestamp(now_us // 1_000_000, UTC)
    today = now.astimezone(zone).date()
    found = []
    for back in range(days - 1, -1, -1):
        day = today - back * _DAY
        end_us = now_us + 1 if back == 0 else _begins_us(day + _DAY, zone)
        found.append(CalendarDay(day.toordinal(), _begins_us(day, zone), end_us))
    return Calendar(tuple(found), zone)


def day_of_number(number: int) -> date:
    """The date of a day's number."""
    return date.fromordinal(number)


def _begins_us(day: date, zone: ZoneInfo) -> int:
    # A midnight that clocks skip is the instant at which they go forward; of one that comes twice it is the first.
    at = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    return int((at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))
