"""What shoppers did with products, for those who decide by it and for those who look.

Source: docs/spec/behaviour.md#sums.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from quote_service.intelligence.behaviour.model.counts import BehaviourDay, Counts
from quote_service.intelligence.behaviour.model.shown import Grain, ProductBehaviour, RankedProduct
from quote_service.intelligence.behaviour.tables.behaviour import days_of_products, points_of_product, ranked_products
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Invalid
from quote_service.platform.system.periods import require_reach

HOURS_MAX = timedelta(days=62)
DAYS_MAX = timedelta(days=3660)
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
    points = await points_of_product(connection, product_id, begin, end, grain, zone)
    totals = Counts()
    for point in points:
        totals.add(point)
    return ProductBehaviour(
        product_id=product_id,
        since=begin,
        until=end,
        granularity=grain,
        time_zone=zone.key,
        is_exact=grain == "hour" or _is_whole_hours(begin, end, zone),
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
    """A period in whole hours of UTC or days of a zone, by default the last ones up to now.

    Raises:
        Invalid: It ends before it begins, is too long, or too far away.
    """
    require_reach(since, until)
    end = _begin_of(now, grain, zone, steps=1) if until is None else _begin_of(until, grain, zone)
    if until is not None and end < until:
        end = _begin_of(until, grain, zone, steps=1)
    begin = _begin_of(end - _DEFAULT[grain] if since is None else since, grain, zone)
    if begin >= end:
        raise Invalid.at("/query/to", "must be after from")
    if end - begin > (HOURS_MAX if grain == "hour" else DAYS_MAX):
        raise Invalid.at("/query/from", "must be within 62 days of to, or 3,660 by the day")
    return begin, end


def _begin_of(at: datetime, grain: Grain, zone: ZoneInfo, steps: int = 0) -> datetime:
    """Where its hour or local day begins, or the one that is so many later."""
    if grain == "hour":
        return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + steps * timedelta(hours=1)
    day = at.astimezone(zone).date() + steps * timedelta(days=1)
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _is_whole_hours(begin: datetime, end: datetime, zone: ZoneInfo) -> bool:
    """Whether the clock is whole hours ahead of UTC on every day of a period, and so each local day consists of hours."""
    at, hour = begin, timedelta(hours=1)
    while at <= end:
        if (at.astimezone(zone).utcoffset() or timedelta()) % hour:
            return False
        at += timedelta(days=1)
    return not (end.astimezone(zone).utcoffset() or timedelta()) % hour
