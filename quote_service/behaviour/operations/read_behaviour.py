"""What shoppers did with products, for those who decide by it and for those who look.

Source: docs/spec/behaviour.md#sums.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from quote_service.behaviour.tables.behaviour import days_of_products, points_of_product, ranked_products
from quote_service.behaviour.words.counts import BehaviourDay, Counts
from quote_service.behaviour.words.shown import Grain, ProductBehaviour, RankedProduct
from quote_service.postgres.pool import Connection
from quote_service.system.errors import Invalid
from quote_service.system.periods import require_reach

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
) -> ProductBehaviour:
    """A product's points of a period.

    Raises:
        Invalid: The period is none, or has too many points.
    """
    begin, end = read_period(since, until, now, grain)
    points = await points_of_product(connection, product_id, begin, end, grain)
    totals = Counts()
    for point in points:
        totals.add(point)
    return ProductBehaviour(
        product_id=product_id, since=begin, until=end, granularity=grain, totals=totals, points=points
    )


async def rank_products(
    connection: Connection, *, by: str, since: datetime | None, until: datetime | None, now: datetime, limit: int
) -> list[RankedProduct]:
    """Products with which most was done in a period.

    Raises:
        Invalid: The period is none, or too long.
    """
    begin, end = read_period(since, until, now, "hour")
    return await ranked_products(connection, begin, end, by, limit)


def read_period(
    since: datetime | None, until: datetime | None, now: datetime, grain: Grain
) -> tuple[datetime, datetime]:
    """A period in whole hours or days of UTC, by default the last ones up to now.

    Raises:
        Invalid: It ends before it begins, is too long, or too far away.
    """
    require_reach(since, until)
    step = timedelta(hours=1) if grain == "hour" else timedelta(days=1)
    end = _begin_of(now, grain) + step if until is None else _begin_of(until, grain)
    if until is not None and end < until:
        end += step
    begin = _begin_of(end - _DEFAULT[grain] if since is None else since, grain)
    if begin >= end:
        raise Invalid.at("/query/to", "must be after from")
    if end - begin > (HOURS_MAX if grain == "hour" else DAYS_MAX):
        raise Invalid.at("/query/from", "must be within 62 days of to, or 3,660 by the day")
    return begin, end


def _begin_of(at: datetime, grain: Grain) -> datetime:
    hour = at.replace(minute=0, second=0, microsecond=0)
    return hour if grain == "hour" else hour.replace(hour=0)
