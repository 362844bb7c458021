"""What every report begins with: its zone, how fresh its figures are, and whether so fine ones are kept so long.

Source: docs/spec/analytics.md#freshness.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from quote_service.analytics.operations.gather_report import pieces_of_query
from quote_service.analytics.tables.folds import folded_sources, rollup_zone
from quote_service.analytics.tables.report_sums import prepare_for_reports
from quote_service.analytics.tables.retention import kept_since
from quote_service.analytics.words.cubes import Grain
from quote_service.analytics.words.reports.answers import Freshness, GroupKeys
from quote_service.analytics.words.reports.query import ReportQuery
from quote_service.analytics.words.reports.times import DAY, day_of, starts_at
from quote_service.postgres.pool import Connection
from quote_service.settings import Settings
from quote_service.system.errors import Invalid
from quote_service.system.periods import EARLIEST

# Processes write what they counted once a second, and may be a moment about it.
_FLUSHED_WITHIN = timedelta(seconds=2)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


async def zone_of_reports(connection: Connection, settings: Settings) -> ZoneInfo:
    """The zone that rollups were made by, that of the settings before there are any; asked first of a report."""
    await prepare_for_reports(connection)
    return ZoneInfo(await rollup_zone(connection) or settings.time_zone)


async def freshness_of(connection: Connection, read_at: datetime) -> Freshness:
    """Until when figures are whole."""
    orders = (await folded_sources(connection)).get("orders")
    return Freshness(
        read_at=read_at,
        quotes_until=read_at - _FLUSHED_WITHIN,
        orders_until=None if orders is None else orders.folded_at,
    )


async def require_kept(
    connection: Connection, query: ReportQuery, zone: ZoneInfo, settings: Settings, now: datetime
) -> None:
    """Refuse a period that begins before so fine figures are kept.

    Raises:
        Invalid: It needs hours or days that have been purged.
    """
    kept, today = await kept_since(connection), day_of(now, zone)
    # The first whole day that no purge has touched: by the settings of now, and by those that were.
    hours, days = (
        max(starts_at(today - (of_settings - 1) * DAY, zone), since or EARLIEST)
        for of_settings, since in ((settings.analytics_hour_days, kept.hours), (settings.analytics_day_days, kept.days))
    )
    kept_from: dict[Grain, datetime] = {"hour": hours, "day": days, "month_hour": days}
    # What is taken off is of the same months, which are kept whole or not at all.
    for piece in pieces_of_query(query, zone, only_added=True):
        if piece.grain in kept_from and piece.begin < kept_from[piece.grain]:
            since = day_of(kept_from[piece.grain], zone)
            told = "hours are" if piece.grain == "hour" else "days are"
            raise Invalid.at("/query/from", f"{told} kept since {since}: begin later, or with a whole month")


def keys_of(query: ReportQuery) -> Callable[[str, Sequence[object], Sequence[str]], GroupKeys]:
    """What tells of a currency, times and values what a group is of, as it is shown; what is left over of many has no values of its own."""
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
