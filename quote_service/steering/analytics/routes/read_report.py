"""The query of a report: what is grouped and filtered, and the period.

Source: docs/spec/analytics.md#reports.
"""

from datetime import datetime, timedelta
from typing import Annotated, Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from quote_service.platform.http.answers import JSON
from quote_service.platform.http.local_times import TimeZoneName, read_bound
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.platform.system.instants import from_micros
from quote_service.pricing.regions import region_name
from quote_service.quotes.model.quote_cells import OTHER
from quote_service.steering.analytics.model.cubes import DIMENSIONS, Dimension
from quote_service.steering.analytics.model.reports.dimensions import (
    DIMENSIONS_MAX,
    GROUPS,
    GROUPS_MAX,
    ID_DIMENSIONS,
    TIMES,
    GroupBy,
    TimeOfReport,
)
from quote_service.steering.analytics.model.reports.query import ReportQuery
from quote_service.steering.analytics.model.reports.times import DAY, day_of, days_between, floor_to, starts_at

CSV: Final = "text/csv"
DAYS_DEFAULT: Final = 30
#: Days of a report that is not grouped by time, and of one that is.
DAYS_MAX: Final = 800
DAYS_OF_TIMES_MAX: Final = 400
#: Keys of products times another dimension are so many that they are told of a week at most.
DAYS_OF_PRODUCTS_MAX: Final = 7
#: Of flags by day, and how many of their variants are told by day and without.
DAYS_OF_FLAGS_MAX: Final = 100
VARIANTS_BY_DAY_MAX: Final = 50
VARIANTS_MAX: Final = 500
GROUPS_DEFAULT: Final = 50
SERIES_DEFAULT: Final = 5
LIMIT_MAX: Final = 500
ROWS_MAX: Final = 1000
FilterText = Annotated[str, msgspec.Meta(max_length=300)]
_Format = Literal["json", "csv"]


class PeriodParameters(msgspec.Struct, frozen=True):
    """The period of a report, and its form."""

    from_: FilterText | None = msgspec.field(default=None, name="from")
    """Beginning of the period: a date, or an instant on a quarter of an hour. By default the day that makes it 30 days with that of `to`."""
    to: FilterText | None = None
    """End of the period, which is not part of it: a date, or an instant on a quarter of an hour. By default, and at the latest, now."""
    time_zone: TimeZoneName | None = None
    """IANA time zone that days and hours begin by, and dates are of. By default that of reports (`QUOTE_TIME_ZONE`)."""
    currency: FilterText | None = None
    """Only this currency (ISO 4217)."""
    format: _Format | None = None
    """`csv` or `json`; by default CSV if `Accept` names `text/csv` and no JSON."""


class ReportParameters(PeriodParameters, frozen=True):
    """What a report is grouped and filtered by."""

    group_by: FilterText | None = None
    """At most two of `day`, `hour` (of the day), `weekday`, `currency`, `region`, `category`, `seller`, `product`, `rule`, `flag` and `tier`, separated by a comma."""
    region: FilterText | None = None
    """Only this region: country and city, such as `TR/Istanbul`. This and other filters: empty for what is not known."""
    category: FilterText | None = None
    """Only lines of this category (id)."""
    seller: FilterText | None = None
    """Only lines of this seller (id)."""
    product: FilterText | None = None
    """Only lines of this product (id)."""
    rule: FilterText | None = None
    """Only quotes that this pricing rule (name) applied to."""
    flag: FilterText | None = None
    """Only quotes with this variant of a feature flag, such as `new-checkout=on`, or with any variant of it: `new-checkout`."""
    tier: FilterText | None = None
    """Only customers of this tier."""
    limit: Annotated[int, msgspec.Meta(ge=1, le=LIMIT_MAX)] | None = None
    """How many groups to tell in each currency, the largest first; days and hours of one are not counted. By default 50, or 5 if grouped by time too."""


def read_report(given: ReportParameters, sort: str, zone: ZoneInfo, now_us: int) -> ReportQuery:
    """What is asked for, checked.

    Args:
        given: The query of the request.
        sort: The figure that groups are sorted by.
        zone: The time zone of reports.
        now_us: The present.

    Raises:
        Invalid: With every parameter that cannot be accepted.
    """
    faults: list[Fault] = []
    group_by = _read_groups(given.group_by, faults)
    filters = _read_filters(given, faults)
    keys = frozenset(key for key in DIMENSIONS if key in group_by) | filters.keys()
    if len(keys) > DIMENSIONS_MAX:
        too_many = "names more than two dimensions with the filters" if group_by else "is one dimension too many"
        where = "group_by" if group_by else [key for key in DIMENSIONS if key in filters][DIMENSIONS_MAX]
        faults.append(Fault(f"/query/{where}", f"{too_many}; times and currency are not counted"))
    begin, end, is_open = read_period(given, zone, now_us, faults)
    limit = given.limit
    if not faults:
        days, times = days_between(begin, end, zone), [group for group in group_by if group in TIMES]
        _check_days(days, times, group_by, keys, faults)
        rows = _times_of(days, times)
        grouped = bool(set(group_by) & set(DIMENSIONS))
        limit = limit or (min(SERIES_DEFAULT, max(ROWS_MAX // rows, 1)) if times else GROUPS_DEFAULT)
        if times and grouped and limit * rows > ROWS_MAX and limit > 1:
            faults.append(Fault("/query/limit", f"makes more than {ROWS_MAX} rows of {rows} times"))
    if faults:
        raise Invalid.because(tuple(faults))
    return ReportQuery(begin, end, is_open, group_by, filters, given.currency, sort, limit or GROUPS_DEFAULT)


def flags_query(
    given: PeriodParameters,
    flag: str | None,
    region: str | None,
    tier: str | None,
    group_by: str | None,
    zone: ZoneInfo,
    now_us: int,
) -> ReportQuery:
    """What the report of flags is asked for.

    Raises:
        Invalid: With every parameter that cannot be accepted.
    """
    faults: list[Fault] = []
    begin, end, is_open = read_period(given, zone, now_us, faults)
    if region is not None and tier is not None:
        faults.append(Fault("/query/tier", "is one dimension too many"))
    if group_by and not faults and days_between(begin, end, zone) > DAYS_OF_FLAGS_MAX:
        faults.append(Fault("/query/from", f"is more than {DAYS_OF_FLAGS_MAX} days before the end of a report by day"))
    filters: dict[Dimension, str] = {}
    if flag is not None:
        filters["flag"] = flag
    if region is not None:
        filters |= _read_filters(ReportParameters(region=region), faults)
    if tier is not None:
        filters["tier"] = tier
    if faults:
        raise Invalid.because(tuple(faults))
    by: tuple[GroupBy, ...] = ("day", "flag") if group_by else ("flag",)
    limit = VARIANTS_BY_DAY_MAX if group_by else VARIANTS_MAX
    return ReportQuery(begin, end, is_open, by, filters, given.currency, "quotes", limit)


def product_query(given: PeriodParameters, product_id: UUID, zone: ZoneInfo, now_us: int) -> ReportQuery:
    """What the report of a product is asked for.

    Raises:
        Invalid: With every parameter that cannot be accepted.
    """
    faults: list[Fault] = []
    begin, end, is_open = read_period(given, zone, now_us, faults)
    if not faults and days_between(begin, end, zone) > DAYS_OF_TIMES_MAX:
        faults.append(Fault("/query/from", f"is more than {DAYS_OF_TIMES_MAX} days before the end"))
    if faults:
        raise Invalid.because(tuple(faults))
    return ReportQuery(begin, end, is_open, ("day",), {"product": str(product_id)}, given.currency)


def read_period(
    given: PeriodParameters, zone: ZoneInfo, now_us: int, faults: list[Fault]
) -> tuple[datetime, datetime, bool]:
    """Beginning and end, in UTC, and whether that is the present; of no use if there is one more fault."""
    now = from_micros(now_us)
    if given.currency is not None and given.currency not in EXPONENTS:
        faults.append(Fault("/query/currency", "is not an ISO 4217 currency code"))
    known = len(faults)
    end = _read_instant(given.to, "to", zone, now, faults)
    # What has not happened yet is not told.
    end = now if end is None or end > floor_to("quarter_hour", now, zone) else end
    begin = _read_instant(given.from_, "from", zone, now, faults)
    if begin is None:
        begin = starts_at(day_of(end - timedelta(microseconds=1), zone) - (DAYS_DEFAULT - 1) * DAY, zone)
    if len(faults) == known:
        if begin >= now:
            faults.append(Fault("/query/from", "must not be in the future"))
        elif begin >= end:
            faults.append(Fault("/query/to", "must be after from"))
        elif days_between(begin, end, zone) > DAYS_MAX:
            faults.append(Fault("/query/from", f"is more than {DAYS_MAX} days before the end"))
    return begin, end, end == now


def form_of(given: PeriodParameters, request: AnyRequest) -> _Format:
    """In which form the report is wanted."""
    if given.format is not None:
        return given.format
    accepted = request.headers.getall("accept", [])
    named = {part.partition(";")[0].strip().lower() for line in accepted for part in line.split(",")}
    return "csv" if CSV in named and JSON not in named else "json"


def _read_instant(text: str | None, name: str, zone: ZoneInfo, now: datetime, faults: list[Fault]) -> datetime | None:
    instant = read_bound(text, name, zone, faults)
    if instant is None:
        return None
    # The quarter of an hour that runs is told as far as it has come.
    quarter = floor_to("quarter_hour", instant, zone)
    if quarter != instant and not (name == "to" and instant > floor_to("quarter_hour", now, zone)):
        faults.append(Fault(f"/query/{name}", "must be on a quarter of an hour"))
        return None
    return instant


def _read_groups(text: str | None, faults: list[Fault]) -> tuple[GroupBy, ...]:
    if text is None:
        return ()
    pointer = "/query/group_by"
    names = [name.strip() for name in text.split(",")]
    unknown = [name for name in names if name not in GROUPS]
    if unknown:
        faults.append(Fault(pointer, f"must be at most two of {', '.join(GROUPS)}"))
    elif len(names) > GROUPS_MAX:
        faults.append(Fault(pointer, "names more than two dimensions"))
    elif len(set(names)) < len(names):
        faults.append(Fault(pointer, "names a dimension twice"))
    else:
        return tuple(group for name in names for group in GROUPS if group == name)
    return ()


def _read_filters(given: ReportParameters, faults: list[Fault]) -> dict[Dimension, str]:
    filters: dict[Dimension, str] = {}
    for key in DIMENSIONS:
        text: str | None = getattr(given, key)
        if text is None:
            continue
        value = _read_value(key, text)
        if value is None:
            reported = "an id (UUID)" if key in ID_DIMENSIONS else "country and city, such as TR/Istanbul"
            faults.append(Fault(f"/query/{key}", f"must be {reported}"))
        else:
            filters[key] = value
    return filters


def _read_value(dimension: Dimension, text: str) -> str | None:
    """The value that figures are counted by; None for what can be none."""
    if text in ("", OTHER):
        return text
    if dimension == "region":
        country, slash, city = text.partition("/")
        return region_name(country, city) if slash else None
    if dimension not in ID_DIMENSIONS:
        return text
    try:
        return str(UUID(text)) if len(text) == 36 else None
    except ValueError:
        return None


def _check_days(
    days: int, times: list[TimeOfReport], group_by: tuple[GroupBy, ...], keys: frozenset[Dimension], faults: list[Fault]
) -> None:
    if times and days > DAYS_OF_TIMES_MAX:
        faults.append(Fault("/query/from", f"is more than {DAYS_OF_TIMES_MAX} days before the end of a report by time"))
    elif "product" in group_by and len(keys) > 1 and days > DAYS_OF_PRODUCTS_MAX:
        faults.append(
            Fault(
                "/query/from",
                f"is more than {DAYS_OF_PRODUCTS_MAX} days before the end of a report by product and another dimension",
            )
        )


def _times_of(days: int, times: list[TimeOfReport]) -> int:
    """How many different times there are."""
    counts: dict[TimeOfReport, int] = {"day": days, "hour": 24, "weekday": min(days, 7)}
    rows = 1
    for group in times:
        rows *= counts[group]
    return rows
