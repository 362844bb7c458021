"""What every report begins with: its zone, how fresh its figures are, and whether so fine ones are kept so long.

Source: docs/spec/analytics.md#freshness.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import Invalid
from quote_service.platform.system.periods import EARLIEST
from quote_service.platform.system.time_zones import zone
from quote_service.steering.analytics.model.cubes import Grain
from quote_service.steering.analytics.model.reports.answers import Freshness, GroupKeys
from quote_service.steering.analytics.model.reports.pieces import Zones, needs_quarters_before
from quote_service.steering.analytics.model.reports.query import ReportQuery
from quote_service.steering.analytics.model.reports.times import DAY, day_of, starts_at
from quote_service.steering.analytics.operations.gather_report import pieces_of_query
from quote_service.steering.analytics.tables.folds import folded_sources, rollup_zone
from quote_service.steering.analytics.tables.report_rows import FIGURES, Rollup
from quote_service.steering.analytics.tables.report_sums import prepare_for_reports
from quote_service.steering.analytics.tables.retention import kept_since, quarters_since

# Processes write what they counted once a second, and may be a moment about it.
_FLUSHED_WITHIN = timedelta(seconds=2)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


async def zone_of_reports(connection: Connection, settings: Settings) -> ZoneInfo:
    """The zone that rollups were made by, that of the settings before there are any."""
    return ZoneInfo(await rollup_zone(connection) or settings.time_zone)


async def zones_of_report(
    connection: Connection, settings: Settings, time_zone: str | None = None, rollups: Collection[Rollup] = FIGURES
) -> Zones:
    """By which clock a report is told, and its rollups were made; asked first of a report.

    Args:
        connection: On one state of the database.
        settings: Of the service.
        time_zone: IANA name; that of the rollups by default.
        rollups: Which are told.

    Raises:
        Invalid: There is no such zone.
    """
    await prepare_for_reports(connection)
    kept, since = await zone_of_reports(connection, settings), await quarters_since(connection)
    shown = zone(kept.key if time_zone is None else time_zone)
    if shown is None:
        raise Invalid.at("/query/time_zone", "is not an IANA time zone such as Europe/Istanbul")
    return Zones(shown, kept, max(filter(None, (getattr(since, rollup) for rollup in rollups)), default=None))


async def freshness_of(
    connection: Connection, read_at: datetime, zones: Zones, *queries: ReportQuery | None
) -> Freshness:
    """Until when figures are whole, and from when on those of some queries are exact to the quarter of an hour."""
    orders = (await folded_sources(connection)).get("orders")
    is_by_hours = any(
        needs_quarters_before(query.begin, query.end, query.resolution, zones, is_open=query.is_open)
        for query in queries
        if query is not None
    )
    return Freshness(
        read_at=read_at,
        quotes_until=read_at - _FLUSHED_WITHIN,
        orders_until=None if orders is None else orders.folded_at,
        exact_since=zones.quarters_since if is_by_hours else None,
    )


async def require_kept(
    connection: Connection, query: ReportQuery, zones: Zones, settings: Settings, now: datetime
) -> None:
    """Refuse a period that begins before so fine figures are kept.

    Raises:
        Invalid: It needs hours or days that have been purged.
    """
    kept, own = await kept_since(connection), zones.kept
    today = day_of(now, own)
    # The first whole day that no purge has touched: by the settings of now, and by those that were.
    hours, days = (
        max(starts_at(today - (of_settings - 1) * DAY, own), since or EARLIEST)
        for of_settings, since in ((settings.analytics_hour_days, kept.hours), (settings.analytics_day_days, kept.days))
    )
    kept_from: dict[Grain, datetime] = {"quarter_hour": hours, "hour": hours, "day": days, "month_hour": days}
    # What is taken off is of the same months, which are kept whole or not at all.
    for piece in pieces_of_query(query, zones, only_added=True):
        if piece.grain in kept_from and piece.begin < kept_from[piece.grain]:
            since = day_of(kept_from[piece.grain], own)
            reported = "days are" if piece.grain in ("day", "month_hour") else "hours are"
            by = "" if zones.shown == own else f" of {own.key}"
            raise Invalid.at("/query/from", f"{reported} kept since {since}: begin later, or with a whole month{by}")


def keys_of(query: ReportQuery) -> Callable[[str, Sequence[object], Sequence[str]], GroupKeys]:
    """What reports a currency, times and values what a group is of, as it is shown; what is left over of many has no values of its own."""
    times, dimensions = query.times, query.dimensions
    of_times = tuple((name, place) for place, name in enumerate(times))
    of_values = tuple((name, place) for place, name in enumerate(dimensions))
    is_in_order = tuple(query.group_by) == (*times, *dimensions)

    def shown_keys(currency: str, at: Sequence[object], values: Sequence[str]) -> GroupKeys:
        shown: GroupKeys = {}
        for name, place in of_times:
            value = at[place]
            if name == "weekday" and isinstance(value, int):
                shown[name] = _WEEKDAYS[value - 1]
            else:
                shown[name] = value if isinstance(value, int) else str(value)
        if values:
            for dimension, place in of_values:
                shown[dimension] = values[place] or None
        if is_in_order:
            return shown
        shown["currency"] = currency
        return {group: shown[group] for group in query.group_by if group in shown}

    return shown_keys
