"""What decided prices brought: `/api/v1/price-performance`.

Source: docs/spec/price-experiments.md#performance.
"""

from typing import Any

from litestar import Request, Response, get

from quote_service.intelligence.price_experiments.model.performance import PerformanceFilters, PricePerformance
from quote_service.intelligence.price_experiments.operations.price_performance import price_performance
from quote_service.intelligence.price_experiments.routes import examples
from quote_service.platform.callers.access import REPORT_READERS
from quote_service.platform.http.answers import one_answer
from quote_service.platform.http.checked_filters import check_filters, check_named
from quote_service.platform.http.cursors import read_filters
from quote_service.platform.http.local_times import read_bounds, read_zone
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.instants import from_micros
from quote_service.shop.catalog.operations.require_product import require_product


@get(
    "/",
    opt={
        "access": REPORT_READERS,
        "described": Described(
            answer=PricePerformance,
            answer_example=examples.PERFORMANCE,
            message="Price performance",
            query=PerformanceFilters,
        ),
    },
)
async def show_price_performance(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Get the performance of price decisions.

    What was sold at prices that were decided, and how much more that is than the prices would have brought that people had last
    confirmed: an estimate by the elasticities that the decisions knew, with their intervals. A price experiment tells it without a
    model.
    """
    filters = read_filters(request.scope["query_string"], PerformanceFilters)
    zone = read_zone(filters.time_zone, parts_of(request)[Settings].time_zone)
    period = read_bounds(filters.from_, filters.to, zone)
    check_filters(filters.currency)
    async with parts_of(request)[Database].snapshot() as connection:
        await check_named(connection, product_id=(require_product, filters.product_id))
        found = await price_performance(connection, filters, from_micros(now_us()), period, zone)
    return one_answer(found, "Price performance")
