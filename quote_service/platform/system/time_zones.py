"""Time zones by their IANA names, and which names are none.

Source: docs/spec/wire.md#time.
"""

from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# Files beside the IANA zones that differ from machine to machine, and those that count leap seconds.
_LOCAL_ZONES: Final = ("", "localtime", "posixrules")
_OTHER_COUNTS: Final = ("posix/", "right/")


@lru_cache(maxsize=1024)  # names come from outside
def zone(name: str | None) -> ZoneInfo | None:
    """The IANA time zone of that name, UTC for None; None if there is no such zone."""
    if name is not None and (name in _LOCAL_ZONES or name.startswith(_OTHER_COUNTS)):
        return None
    try:
        return ZoneInfo("UTC" if name is None else name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
