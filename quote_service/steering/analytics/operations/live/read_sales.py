"""What was sold today, beside the same day of last week.

Source: docs/spec/analytics.md#live-figures.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.steering.analytics.model.live import LiveCurrency, LiveSales, SoldSoFar
from quote_service.steering.analytics.model.reports.commission import FIGURES as COMMISSION_FIGURES
from quote_service.steering.analytics.model.reports.commission import commission_figures
from quote_service.steering.analytics.model.reports.pricing import pricing_figures
from quote_service.steering.analytics.model.reports.query import ReportQuery
from quote_service.steering.analytics.model.reports.times import ceil_to, floor_to
from quote_service.steering.analytics.operations.compare_periods import days_earlier, totals_of
from quote_service.steering.analytics.operations.gather_report import Both
from quote_service.steering.analytics.operations.report_head import freshness_of, zones_of_report
from quote_service.steering.analytics.tables.report_rows import Rollup

_WEEK_DAYS = 7
_NOTHING = Both({}, {})
_FIGURES: Final[Mapping[Rollup, tuple[str, ...]]] = {
    "orders": tuple(dict.fromkeys((*COMMISSION_FIGURES, "total_minor", "reversed_total_minor")))
}


async def read_sales(database: Database, settings: Settings, now: datetime, time_zone: str | None = None) -> LiveSales:
    """What was sold so far.

    Args:
        database: Where it was counted.
        settings: Of the service.
        now: The present.
        time_zone: By whose midnight (IANA name); that of the rollups by default.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    async with database.snapshot() as connection:
        zones = await zones_of_report(connection, settings, time_zone, list(_FIGURES))
        zone = zones.shown
        since, hour_ends = floor_to("day", now, zone), ceil_to("hour", now, zone)
        before, until = (days_earlier(instant, _WEEK_DAYS, zone) for instant in (since, hour_ends))
        today = await totals_of(connection, ReportQuery(since, now, True), zones, _FIGURES)
        earlier = await totals_of(connection, ReportQuery(before, until, False), zones, _FIGURES)
        freshness = await freshness_of(connection, now, zones)
    return LiveSales(
        time_zone=zone.key,
        since=since,
        counted_until=freshness.orders_until,
        last_week_since=before,
        last_week_until=until,
        currencies=[
            LiveCurrency(
                currency=currency,
                today=_sold(today.get(currency, _NOTHING), currency),
                last_week=_sold(earlier.get(currency, _NOTHING), currency),
            )
            for currency in sorted({*today, *earlier})
        ],
    )


def _sold(both: Both, currency: str) -> SoldSoFar:
    sold, earned = pricing_figures({}, both.orders, currency).sold, commission_figures(both.orders, currency)
    return SoldSoFar(orders=sold.orders, revenue=sold.net_revenue, commission=earned.net_commission)
