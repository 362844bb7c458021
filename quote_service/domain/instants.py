"""Instants as whole microseconds since 1970-01-01T00:00:00Z, and their RFC 3339 text.

Ranges are half open: `from <= t < to`; an open end is FOREVER.

Source: spec 1, Time.
"""

from datetime import UTC, datetime, timedelta

SECOND_US = 1_000_000
FOREVER = 2**62
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(instant: datetime) -> int:
    """Microseconds since the epoch of an aware datetime, exactly."""
    return (instant - _EPOCH) // _MICROSECOND


def from_micros(instant_us: int) -> datetime:
    """The aware UTC datetime of an instant."""
    return _EPOCH + timedelta(microseconds=instant_us)


def instant_text(instant_us: int) -> str:
    """RFC 3339 in UTC with `Z`; microseconds only where there are any."""
    instant = from_micros(instant_us)
    return instant.replace(tzinfo=None).isoformat() + "Z"
