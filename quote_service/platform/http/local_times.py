"""Periods of a query by local days: a time zone, and bounds that are dates or instants.

Source: docs/spec/wire.md#time.
"""

import re
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import msgspec

from quote_service.platform.documents.typed_reading import REFUSED, TypedReader
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.platform.system.periods import EARLIEST, LATEST
from quote_service.platform.system.time_zones import zone

#: `time_zone` of a query, which may be left out.
TimeZoneName = Annotated[str, msgspec.Meta(max_length=64, examples=["Europe/Istanbul"])]
#: `from` or `to` of a query: a date, or an instant with its offset.
Bound = Annotated[str, msgspec.Meta(max_length=300)]
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_Instant = Annotated[datetime, msgspec.Meta(tz=True)]


def read_zone(name: str | None, default: str, pointer: str = "/query/time_zone") -> ZoneInfo:
    """The zone that is asked for.

    Raises:
        Invalid: There is none of that name.
    """
    found = zone(default if name is None else name)
    if found is None:
        raise Invalid.at(pointer, "is not an IANA time zone such as Europe/Istanbul")
    return found


def read_bound(
    text: str | None, name: str, of: ZoneInfo, faults: list[Fault], *, is_near: bool = True
) -> datetime | None:
    """An end of a period, in UTC: that of a date is the beginning of the local day.

    Args:
        text: As it is given.
        name: Of the parameter.
        of: Whose days dates are.
        faults: What is wrong is added.
        is_near: Whether instants too must lie in the years that sums are of, as dates must.

    Returns:
        The instant; None where there is none, or a fault was added.
    """
    if text is None:
        return None
    pointer = f"/query/{name}"
    if _DATE.fullmatch(text):
        try:
            day = date.fromisoformat(text)
        except ValueError:
            faults.append(Fault(pointer, "is not a calendar date"))
            return None
        is_known = EARLIEST.date() <= day < LATEST.date()
        instant = datetime.combine(day, time(), of).astimezone(UTC) if is_known else None
    else:
        found: Any = TypedReader().read(text, _Instant, pointer)
        if found is REFUSED:
            faults.append(Fault(pointer, "must be a date, or an instant with its offset (RFC 3339)"))
            return None
        given: datetime = found
        if not is_near:
            return given
        instant = given.astimezone(UTC) if EARLIEST.date() < given.date() < LATEST.date() else None
    if instant is None:
        faults.append(Fault(pointer, f"must be from {EARLIEST.date()} to {LATEST.date()}"))
    return instant


#: Both ends of a period; None where it is open.
Period = tuple[datetime | None, datetime | None]


def read_bounds(since: str | None, until: str | None, of: ZoneInfo) -> Period:
    """Both ends of a period of rows, which may lie at any time.

    Raises:
        Invalid: One of them is neither a date nor an instant, or `to` is not after `from`.
    """
    faults: list[Fault] = []
    begin, end = (read_bound(text, name, of, faults, is_near=False) for text, name in ((since, "from"), (until, "to")))
    if begin is not None and end is not None and end <= begin:
        faults.append(Fault("/query/to", "must be after from"))
    if faults:
        raise Invalid.because(tuple(faults))
    return begin, end
