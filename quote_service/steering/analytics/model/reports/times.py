"""Days and months of a time zone, and where PostgreSQL keeps them.

A local day is all instants of its date: where clocks go back over midnight it begins at the first of both, where they skip it at
the instant at which they do.

Source: docs/spec/analytics.md#time.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Border = Literal["quarter", "month", "week", "day", "hour", "quarter_hour"]
#: Weeks are those of a month, so that months consist of them: the last one ends with it.
_WEEKS = (1, 8, 15, 22)
QUARTER_HOUR = timedelta(minutes=15)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def starts_at(day: date, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which a local day begins."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def kept_at(day: date, zone: ZoneInfo) -> datetime:
    """The instant to which PostgreSQL truncates a local day: where clocks repeat midnight it is the second."""
    midnight = datetime.combine(day, time(), zone)
    return max(midnight.astimezone(UTC), midnight.replace(fold=1).astimezone(UTC))


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    """The local day that an instant is in."""
    return instant.astimezone(zone).date()


def floor_to(border: Border, instant: datetime, zone: ZoneInfo) -> datetime:
    """The last beginning of a quarter, month, week of it, day, hour or quarter of one that is not after the instant."""
    local = instant.astimezone(zone)
    if border in ("hour", "quarter_hour"):
        minutes = local.minute if border == "hour" else local.minute % 15
        return instant - timedelta(minutes=minutes, seconds=local.second, microseconds=local.microsecond)
    day = local.date()
    if border == "week":
        day = day.replace(day=_WEEKS[min(day.day - 1, 27) // 7])
    elif border == "quarter":
        day = day.replace(month=day.month - (day.month - 1) % 3, day=1)
    elif border == "month":
        day = day.replace(day=1)
    return starts_at(day, zone)


def ceil_to(border: Border, instant: datetime, zone: ZoneInfo) -> datetime:
    """The first beginning of a quarter, month, week of it, day, hour or quarter of one that is not before the instant."""
    begin = floor_to(border, instant, zone)
    if begin == instant:
        return instant
    if border in ("hour", "quarter_hour"):
        return begin + (HOUR if border == "hour" else QUARTER_HOUR)
    day = day_of(begin, zone)
    if border == "day":
        return starts_at(day + DAY, zone)
    if border == "week" and day.day < _WEEKS[-1]:
        return starts_at(day + 7 * DAY, zone)
    if border == "quarter":
        day = day.replace(month=day.month + 2)
    return starts_at((day.replace(day=28) + 4 * DAY).replace(day=1), zone)


def days_between(begin: datetime, end: datetime, zone: ZoneInfo) -> int:
    """How many local days a period touches; `begin` is before `end`."""
    return (day_of(end - timedelta(microseconds=1), zone) - day_of(begin, zone)).days + 1
