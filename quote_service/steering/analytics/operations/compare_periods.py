"""The period before, and what changed most against it.

Source: docs/spec/analytics.md#comparison.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from quote_service.platform.postgres.pool import Connection
from quote_service.steering.analytics.model.cubes import Dimension
from quote_service.steering.analytics.model.reports.amounts import amount, share
from quote_service.steering.analytics.model.reports.answers import Mover, Movers
from quote_service.steering.analytics.model.reports.dimensions import DIMENSIONS_MAX
from quote_service.steering.analytics.model.reports.pieces import Zones
from quote_service.steering.analytics.model.reports.query import ReportQuery
from quote_service.steering.analytics.model.reports.times import DAY, ceil_to, days_between
from quote_service.steering.analytics.operations.gather_report import Both, gather_report, selection_of
from quote_service.steering.analytics.tables.rank_rows import rank_changes
from quote_service.steering.analytics.tables.report_rows import Rollup

MOVERS_MAX = 5
_DEFAULTS: tuple[Dimension, ...] = ("seller", "category", "region")


def period_before(query: ReportQuery, zones: Zones) -> ReportQuery:
    """The same clock times as many whole days earlier as the period touches."""
    zone = zones.shown
    days = days_between(query.begin, query.end, zone)
    end = ceil_to("hour", query.end, zone) if query.is_open else query.end
    return query._replace(begin=days_earlier(query.begin, days, zone), end=days_earlier(end, days, zone), is_open=False)


async def totals_of(
    connection: Connection, query: ReportQuery, zones: Zones, figures: Mapping[Rollup, Sequence[str]]
) -> dict[str, Both]:
    """The totals of each currency: so much of each of the rollups."""
    blocks = await gather_report(connection, query.whole(), zones, list(figures), {}, totals_only=True, figures=figures)
    return {block.currency: block.totals for block in blocks}


def room_for(query: ReportQuery, dimension: Dimension) -> bool:
    """Whether there is a cube of this dimension and the filters, which it is not one of."""
    return dimension not in query.filters and len(query.filters) < DIMENSIONS_MAX


def dimension_of_movers(query: ReportQuery, defaults: Sequence[Dimension] = _DEFAULTS) -> Dimension | None:
    """What movers are told of: the first dimension it is grouped by, or one that there is room for."""
    wanted = (*query.dimensions[:1], *defaults)
    return next((dimension for dimension in wanted if room_for(query, dimension)), None)


async def find_movers(
    connection: Connection,
    query: ReportQuery,
    before: ReportQuery,
    dimension: Dimension,
    zones: Zones,
    ranked_by: Mapping[Rollup, str],
) -> dict[str, Movers]:
    """What changed most, by currency."""
    now, then = (
        selection_of(asked._replace(group_by=(dimension,)), zones) for asked in (query, before._replace(is_open=False))
    )
    movers: dict[str, Movers] = {}
    for each in await rank_changes(connection, now, then, ranked_by, MOVERS_MAX):
        held = movers.setdefault(each.currency, Movers(dimension=dimension, up=[], down=[]))
        change = each.amount - each.previous
        (held.up if change > 0 else held.down).append(
            Mover(
                key=each.keys[0] or None,
                amount=amount(each.amount, each.currency),
                previous=amount(each.previous, each.currency),
                change=amount(change, each.currency),
                change_share=share(change, each.previous),
            )
        )
    return movers


def days_earlier(instant: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The same clock time so many days earlier; the earlier one where that came twice."""
    local = instant.astimezone(zone).replace(tzinfo=None) - days * DAY
    return local.replace(tzinfo=zone).astimezone(UTC)
