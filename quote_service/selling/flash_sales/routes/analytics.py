"""How a flash sale went.

Source: docs/spec/flash-sales.md#analytics.
"""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import FromPath

from quote_service.platform.callers.access import SALE_READERS
from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.http.endpoints.endpoint import get
from quote_service.platform.http.local_times import TimeZoneName, read_zone
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.concurrency_limiter import CalculationLimiter
from quote_service.platform.system.errors import Overloaded
from quote_service.selling.flash_sales.model.analytics import SaleAnalytics
from quote_service.selling.flash_sales.operations.sales.analyze_sale import analyze_sale
from quote_service.selling.flash_sales.routes.analytics_examples import ANALYTICS


class AnalyticsQuery(msgspec.Struct, frozen=True):
    """By whose clock days and hours begin."""

    timezone: Annotated[TimeZoneName | None, Renamed("time_zone")] = None
    """IANA name of the time zone that decides where days and hours begin; by default `QUOTE_TIME_ZONE`."""


@get("/{sale_id:uuid}/analytics", access=SALE_READERS, message="Analytics", example=ANALYTICS, problems=(Overloaded,))
async def show_flash_sale_analytics(
    settings: Settings,
    calculation_limiter: CalculationLimiter,
    database: Database,
    sale_id: FromPath[UUID],
    query: AnalyticsQuery,
) -> SaleAnalytics:
    """Get analytics of a flash sale.

    Only confirmed purchases count as bought, at the time they were made; the others are in `outcomes`.
    `time_zone` decides where days and hours begin. Rates are fractions of 1 and rounded to six decimals, halves away from
    zero; amounts have the digits of their currency, and currencies are never added up. A figure that is not known is null, with the reason in `missing`. `conversion_rate` is purchases over quotes that showed the sale's price; where there are
    more purchases than such quotes, it is not known.

    `price_elasticity` is the arc elasticity of units per hour between the sale, until a product is sold out, and up to
    seven whole days before it: ((q1 - q0) / (q1 + q0)) / ((p1 - p0) / (p1 + p0)). `comparison` holds what was compared.
    """
    found = read_zone(query.timezone, settings.time_zone)
    async with calculation_limiter.enter():
        return await analyze_sale(database, sale_id, found)
