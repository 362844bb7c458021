"""Days and months of a time zone, as PostgreSQL truncates to them.

Where clocks go back over midnight, the day is said to begin at the second midnight; where they skip it, at the instant at
which they do.

Source: docs/spec/analytics.md#time.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Border = Literal["quarter", "month", "week", "day", "hour"]
#: Weeks are those of a month, so that months consist of them: the last one ends with it.
_WEEKS = (1, 8, 15, 22)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def starts_at(day: date, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which a local day begins."""
    midnight = datetime.combine(day, time(), zone)
    return max(midnight.astimezone(UTC), midnight.replace(fold=1).astimezone(UTC))


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    """The local day that an instant is in."""
    return instant.astimezone(zone).date()


def floor_to(border: Border, instant: datetime, zone: ZoneInfo) -> datetime:
    """The last beginning of a quarter, month, week of it, day or hour that is not after the instant."""
    local = instant.astimezone(zone)
    if border == "hour":
        return instant - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    day = local.date()
    if border == "day":
        begin = starts_at(day, zone)
        return begin if begin <= instant else starts_at(day - DAY, zone)
    if border == "week":
        # A day that begins twice is in the week before until it does for the second time.
        day = day_of(floor_to("day", instant, zone), zone)
        return starts_at(day.replace(day=_WEEKS[min(day.day - 1, 27) // 7]), zone)
    first = _first_of(border, day)
    begin = starts_at(first, zone)
    return begin if begin <= instant else starts_at(_first_of(border, first - DAY), zone)


def _first_of(border: Literal["quarter", "month"], day: date) -> date:
    return day.replace(month=day.month - (day.month - 1) % 3 if border == "quarter" else day.month, day=1)


def ceil_to(border: Border, instant: datetime, zone: ZoneInfo) -> datetime:
    """The first beginning of a quarter, month, week of it, day or hour that is not before the instant."""
    begin = floor_to(border, instant, zone)
    if begin == instant:
        return instant
    if border == "hour":
        return begin + HOUR
    day = day_of(begin, zone)
    if border == "day":
        following = starts_at(day + DAY, zone)
        # The day that the clock begins twice.
        return following if following >= instant else starts_at(day + 2 * DAY, zone)
    if border == "week" and day.day < _WEEKS[-1]:
        return starts_at(day + 7 * DAY, zone)
    if border == "quarter":
        day = day.replace(month=day.month + 2)
    return starts_at((day.replace(day=28) + 4 * DAY).replace(day=1), zone)


def days_between(begin: datetime, end: datetime, zone: ZoneInfo) -> int:
    """How many local days a period touches; `begin` is before `end`."""
    return (day_of(end - timedelta(microseconds=1), zone) - day_of(begin, zone)).days + 1
