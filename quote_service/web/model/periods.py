"""Periods that people ask for: days of the clock that they see figures by.

Source: docs/spec/web.md#analytics.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


def periods_of(now: datetime, time_zone: str) -> dict[str, dict[str, str]]:
    """`from` and `to` of each, as a report takes them; what still runs has no end."""
    today = now.astimezone(ZoneInfo(time_zone or "UTC")).date()
    monday, first = today - today.weekday() * _DAY, today.replace(day=1)
    return {
        "Today": _period(today),
        "Yesterday": _period(today - _DAY, today),
        "This week": _period(monday),
        "This month": _period(first),
        "Last month": _period((first - _DAY).replace(day=1), first),
    }


def present() -> datetime:
    """Now."""
    return datetime.now(UTC)


def _period(begin: date, end: date | None = None) -> dict[str, str]:
    return {"from": str(begin), "to": "" if end is None else str(end)}
