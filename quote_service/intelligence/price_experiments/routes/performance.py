"""What decided prices brought: `/api/v1/price-performance`.

Source: docs/spec/price-experiments.md#performance.
"""

from zoneinfo import ZoneInfo

from quote_service.intelligence.price_experiments.model.performance import PerformanceFilters, PricePerformance
from quote_service.intelligence.price_experiments.operations.price_performance import price_performance
from quote_service.platform.callers.access import REPORT_READERS
from quote_service.platform.http.checked_filters import check_filters, check_named
from quote_service.platform.http.endpoints.connections import Snapshot
from quote_service.platform.http.endpoints.endpoint import get
from quote_service.platform.http.local_times import Period, read_bounds, read_zone
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.instants import from_micros
from quote_service.shop.catalog.operations.require_product import require_product


def _zone(query: PerformanceFilters, settings: Settings) -> ZoneInfo:
    return read_zone(query.time_zone, settings.time_zone)


def _period(query: PerformanceFilters, zone: ZoneInfo) -> Period:
    return read_bounds(query.from_, query.to, zone)


@get(
    access=REPORT_READERS,
    message="Price performance",
    dependencies={"zone": _zone, "period": _period},
    check=lambda query: check_filters(query.currency),
)
async def show_price_performance(
    connection: Snapshot, query: PerformanceFilters, zone: ZoneInfo, period: Period
) -> PricePerformance:
    """Get the performance of price decisions.

    What was sold at prices that were decided, and how much more that is than the prices would have brought that people had last
    confirmed: an estimate by the elasticities that the decisions knew, with their intervals. A price experiment shows it without a
    model.
    """
    await check_named(connection, product_id=(require_product, query.product_id))
    return await price_performance(connection, query, from_micros(now_us()), period, zone)
