"""Instants as whole microseconds since 1970-01-01T00:00:00Z, and their RFC 3339 text.

Ranges are half open: `from <= t < to`; an open end is FOREVER.

Source: docs/spec/wire.md#time.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

SECOND_US: Final = 1_000_000
FOREVER: Final = 2**62 - 1  # the last whole number that compiled code holds without an object
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
    second = _second_text(instant_us // SECOND_US)
    micros = instant_us % SECOND_US
    # A format with a width costs several times this where it is compiled.
    return f"{second}.{str(SECOND_US + micros)[1:]}Z" if micros else f"{second}Z"


@lru_cache(maxsize=256)
def _second_text(second: int) -> str:
    """Every instant of one second starts alike, and a busy second has thousands."""
    return from_micros(second * SECOND_US).replace(tzinfo=None).isoformat()
