"""What shoppers did with products, for those who decide by it and for those who look.

Source: docs/spec/behaviour.md#sums.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from quote_service.intelligence.behaviour.model.counts import BehaviourDay, Counts, begin_of_quarter
from quote_service.intelligence.behaviour.model.shown import Grain, ProductBehaviour, RankedProduct
from quote_service.intelligence.behaviour.tables.behaviour import days_of_products, points_of_product, ranked_products
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Invalid
from quote_service.platform.system.periods import require_reach

HOURS_MAX = timedelta(days=62)
DAYS_MAX = timedelta(days=3660)
_QUARTER = timedelta(minutes=15)
_MOMENT = timedelta(microseconds=1)
#: The period, where none is asked for.
_DEFAULT = {"hour": timedelta(days=2), "day": timedelta(days=30)}


async def behaviour_by_day(
    connection: Connection, product_ids: Iterable[UUID], since: datetime, until: datetime, zone: str
) -> list[BehaviourDay]:
    """The days of products on which something was done, by product and day of a time zone; `since <= hour < until`.

    A price that goes by this goes by behaviour, and a decision says so. Events may be told for a day late.
    """
    return await days_of_products(connection, product_ids, since, until, zone)


async def show_behaviour(
    connection: Connection,
    product_id: UUID,
    *,
    grain: Grain,
    since: datetime | None,
    until: datetime | None,
    now: datetime,
    zone: ZoneInfo,
) -> ProductBehaviour:
    """A product's points of a period, by the clock of a zone.

    Raises:
        Invalid: The period is none, or has too many points.
    """
    begin, end = read_period(since, until, now, grain, zone)
    begins = list(begins_of(begin, end, grain, zone))
    points, is_exact = await points_of_product(connection, product_id, begins, end)
    totals = Counts()
    for point in points:
        totals.add(point)
    return ProductBehaviour(
        product_id=product_id,
        since=begin,
        until=end,
        granularity=grain,
        time_zone=zone.key,
        is_exact=is_exact,
        totals=totals,
        points=points,
    )


async def rank_products(
    connection: Connection,
    *,
    by: str,
    since: datetime | None,
    until: datetime | None,
    now: datetime,
    limit: int,
    zone: ZoneInfo,
) -> list[RankedProduct]:
    """Products with which most was done in a period.

    Raises:
        Invalid: The period is none, or too long.
    """
    begin, end = read_period(since, until, now, "hour", zone)
    return await ranked_products(connection, begin, end, by, limit)


def read_period(
    since: datetime | None, until: datetime | None, now: datetime, grain: Grain, zone: ZoneInfo
) -> tuple[datetime, datetime]:
    """A period in whole hours or days of a zone, by default the last ones up to now.

    Raises:
        Invalid: It ends before it begins, is too long, or too far away.
    """
    require_reach(since, until)
    end = _next_begin(now if until is None else until - _MOMENT, grain, zone)
    begin = _begin_of(end - _DEFAULT[grain] if since is None else since, grain, zone)
    if begin >= end:
        raise Invalid.at("/query/to", "must be after from")
    if end - begin > (HOURS_MAX if grain == "hour" else DAYS_MAX):
        raise Invalid.at("/query/from", "must be within 62 days of to, or 3,660 by the day")
    return begin, end


def begins_of(begin: datetime, end: datetime, grain: Grain, zone: ZoneInfo) -> Iterator[datetime]:
    """When each hour or day of a zone begins in a period that begins with one; an hour that comes twice is two."""
    while begin < end:
        yield begin
        begin = _next_begin(begin, grain, zone)


def _begin_of(at: datetime, grain: Grain, zone: ZoneInfo) -> datetime:
    """When the hour or local day of an instant began, in UTC."""
    if grain == "day":
        return _midnight(at.astimezone(zone).date(), zone)
    quarter = begin_of_quarter(at)
    while not _begins_hour(quarter, zone):
        quarter -= _QUARTER
    return quarter


def _next_begin(at: datetime, grain: Grain, zone: ZoneInfo) -> datetime:
    """When the hour or local day after that of an instant begins, in UTC."""
    if grain == "day":
        return _midnight(at.astimezone(zone).date() + timedelta(days=1), zone)
    quarter = begin_of_quarter(at) + _QUARTER
    while not _begins_hour(quarter, zone):
        quarter += _QUARTER
    return quarter


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _begins_hour(at: datetime, zone: ZoneInfo) -> bool:
    """Whether the clock shows a whole hour, or was put forward or back then."""
    local = at.astimezone(zone)
    return local.minute == 0 or local.utcoffset() != (at - _MOMENT).astimezone(zone).utcoffset()
