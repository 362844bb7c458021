"""Where the days and the clock hours of a time zone begin.

A day may have 23 or 25 hours, an hour that the clock repeats is two hours, and a zone's hours need not begin with those
of UTC.

Source: docs/spec/flash-sales.md#analytics; docs/spec/wire.md#time.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
# Clocks are moved by whole quarters of an hour.
_QUARTER = timedelta(minutes=15)


def day_starts(zone: ZoneInfo, first: datetime, last: datetime) -> list[datetime]:
    """The instants, in UTC, at which the local days from that of `first` to that of `last` begin."""
    day, end = first.astimezone(zone).date(), last.astimezone(zone).date()
    starts = []
    while day <= end:
        # Where clocks skip midnight this is the instant at which they do, where they repeat it the first of the two.
        starts.append(datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC))
        day += _DAY
    return starts


def hour_starts(zone: ZoneInfo, first: datetime, last: datetime) -> list[datetime]:
    """The instants, in UTC, at which the clock hours from that of `first` to that of `last` begin."""
    starts = [_hour_start(zone, first)]
    while True:
        following = _next_hour(zone, starts[-1])
        if following > last:
            return starts
        starts.append(following)


def _hour_start(zone: ZoneInfo, instant: datetime) -> datetime:
    local, hour = instant.astimezone(zone), _clock_hour(zone, instant)
    # In UTC: within a zone, Python adds and takes away by the wall clock.
    start = instant.astimezone(UTC) - timedelta(
        minutes=local.minute % 15, seconds=local.second, microseconds=local.microsecond
    )
    while _clock_hour(zone, start - _QUARTER) == hour:
        start -= _QUARTER
    return start


def _next_hour(zone: ZoneInfo, start: datetime) -> datetime:
    following = start + _HOUR
    if following.astimezone(zone).utcoffset() == start.astimezone(zone).utcoffset():
        return following if following.astimezone(zone).minute == 0 else _hour_start(zone, following)
    following = start + _QUARTER
    while _clock_hour(zone, following) == _clock_hour(zone, start):
        following += _QUARTER
    return following


def _clock_hour(zone: ZoneInfo, instant: datetime) -> tuple[object, ...]:
    local = instant.astimezone(zone)
    return local.date(), local.hour, local.utcoffset()
