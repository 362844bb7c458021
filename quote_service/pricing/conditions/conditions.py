"""When a rule counts: all that are given must hold.

Source: docs/spec/pricing-rules.md#conditions.
"""

from collections.abc import Iterator
from datetime import time
from typing import Annotated
from uuid import UUID

import msgspec

from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.money.quantities import Amount
from quote_service.platform.system.errors import Fault
from quote_service.platform.system.time_zones import zone

Texts = Annotated[list[Annotated[str, msgspec.Meta(min_length=1, max_length=200)]], msgspec.Meta(max_length=1000)]
Ids = Annotated[list[UUID], msgspec.Meta(max_length=10_000)]

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY_NUMBERS = {
    **{name: number for number, name in enumerate(_WEEKDAYS, 1)},
    **{name[:3]: number for number, name in enumerate(_WEEKDAYS, 1)},
}


class TimeOfDay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Local times of day, half open; one that ends before it starts passes midnight."""

    starts: str = msgspec.field(name="from")
    """Start of the window as local time, `HH:MM` or `HH:MM:SS`; included."""
    ends: str = msgspec.field(name="to")
    """End of the window as local time, `HH:MM` or `HH:MM:SS`; not included. Before `from`, the window passes midnight.
    """
    timezone: Annotated[str | None, Renamed("time_zone")] = None
    """IANA name of the time zone of the window, such as `Europe/Istanbul`; null for that of the conditions."""


class Conditions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """All optional. Weekdays are ISO numbers (Monday is 1) or English names; `time_zone` is an IANA name."""

    min_subtotal: Amount | None = None
    """Lowest amount for which the rule counts, in the rule's currency: of the covered lines for a discount, of the
    quote's subtotal for a fee or tax.
    """
    max_subtotal: Amount | None = None
    """Highest amount for which the rule counts, in the rule's currency, compared as `min_subtotal`."""
    category_ids: Ids | None = None
    """The rule covers lines of these categories only."""
    includes_children: bool | None = None
    """Whether the categories below those of `category_ids` are meant too, at whatever depth; null for false."""
    product_ids: Ids | None = None
    """The rule covers lines of these products only."""
    seller_ids: Ids | None = None
    """The rule covers lines of these sellers only."""
    tags_any: Texts | None = None
    """The rule covers lines that carry at least one of these tags."""
    customer_tiers: Texts | None = None
    """The rule counts for customers of these tiers only."""
    customer_segments: Texts | None = None
    """The rule counts for customers in at least one of these segments."""
    ab_test_groups: Texts | None = None
    """The rule counts for requests whose `context.ab_test_group` is one of these."""
    express: bool | None = None
    """`true` limits the rule to express deliveries, `false` to all others; null for both."""
    weekdays: Annotated[list[int | str], msgspec.Meta(min_length=1, max_length=7)] | None = None
    """Days on which the rule counts: ISO numbers from 1 (Monday) to 7, or English names such as `monday` or `mon`. A
    window that passes midnight belongs to the day on which it begins.
    """
    time_of_day: TimeOfDay | None = None
    """Hours of the day in which the rule counts."""
    timezone: Annotated[str | None, Renamed("time_zone")] = None
    """IANA name of the time zone of `weekdays` and of `time_of_day`; null for UTC."""
    flag: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,50}$")] | None = None
    """Key of a feature flag that must be on for the customer."""


def weekday_number(weekday: int | str) -> int | None:
    """1 (Monday) to 7; None if it is no weekday."""
    if isinstance(weekday, str):
        return _WEEKDAY_NUMBERS.get(weekday.strip().lower())
    return weekday if 1 <= weekday <= 7 else None


def time_of_day(text: str) -> time | None:
    """A local time `HH:MM` or `HH:MM:SS`; `24:00` is None's neighbour midnight, written `00:00`. None if unreadable."""
    if len(text) not in (5, 8):
        return None
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None


def condition_faults(conditions: Conditions) -> Iterator[Fault]:
    """What is wrong with well-formed conditions; pointers are relative to them."""
    bounds = (conditions.min_subtotal, conditions.max_subtotal)
    if bounds[0] is not None and bounds[1] is not None and bounds[0] > bounds[1]:
        yield Fault("/max_subtotal", "must not be below min_subtotal")
    if conditions.includes_children is not None and conditions.category_ids is None:
        yield Fault("/includes_children", "belongs to category_ids, which are not given")
    for index, weekday in enumerate(conditions.weekdays or ()):
        if weekday_number(weekday) is None:
            yield Fault(f"/weekdays/{index}", "is not a weekday: use 1 (Monday) to 7, or an English name")
    # The `$` of a pattern lets a line end through.
    if conditions.flag is not None and conditions.flag.endswith("\n"):
        yield Fault("/flag", "is not a valid flag key")
    if zone(conditions.timezone) is None:
        yield Fault("/time_zone", "is not an IANA time zone")
    if conditions.time_of_day is not None:
        yield from _time_faults(conditions.time_of_day)


def _time_faults(window: TimeOfDay) -> Iterator[Fault]:
    starts, ends = time_of_day(window.starts), time_of_day(window.ends)
    if starts is None:
        yield Fault("/time_of_day/from", "is not a time of day (HH:MM)")
    if ends is None:
        yield Fault("/time_of_day/to", "is not a time of day (HH:MM)")
    if starts is not None and starts == ends:
        yield Fault("/time_of_day/to", "must differ from the start")
    if zone(window.timezone) is None:
        yield Fault("/time_of_day/time_zone", "is not an IANA time zone")
