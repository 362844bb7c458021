"""How a flash sale went.

Source: docs/spec/flash-sales.md#analytics.
"""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from quote_service.platform.callers.access import SALE_READERS
from quote_service.platform.documents.documents import envelope
from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.http.cursors import read_filters
from quote_service.platform.http.local_times import TimeZoneName, read_zone
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.concurrency_limiter import CalculationLimiter
from quote_service.platform.system.errors import Overloaded
from quote_service.selling.flash_sales.model.analytics import SaleAnalytics
from quote_service.selling.flash_sales.operations.sales.analyze_sale import analyze_sale
from quote_service.selling.flash_sales.routes import analytics_examples as examples


class AnalyticsQuery(msgspec.Struct, frozen=True):
    """By whose clock days and hours begin."""

    timezone: Annotated[TimeZoneName | None, Renamed("time_zone")] = None
    """IANA name of the time zone that decides where days and hours begin; by default `QUOTE_TIME_ZONE`."""


@get(
    "/{sale_id:uuid}/analytics",
    opt={
        "access": SALE_READERS,
        "described": Described(
            answer=SaleAnalytics,
            answer_example=examples.ANALYTICS,
            message="Analytics",
            query=AnalyticsQuery,
            problems=(Overloaded,),
        ),
    },
)
async def show_flash_sale_analytics(request: Request[Any, Any, Any], sale_id: FromPath[UUID]) -> Response[bytes]:
    """Get analytics of a flash sale.

    Only confirmed purchases count as bought, at the time they were made; the others are in `outcomes`.
    `time_zone` decides where days and hours begin. Rates are fractions of 1 and rounded to six decimals, halves away from
    zero; amounts have the digits of their currency, and currencies are never added up. A figure that is not known is null, with the reason in `missing`. `conversion_rate` is purchases over quotes that showed the sale's price; where there are
    more purchases than such quotes, it is not known.

    `price_elasticity` is the arc elasticity of units per hour between the sale, until a product is sold out, and up to
    seven whole days before it: ((q1 - q0) / (q1 + q0)) / ((p1 - p0) / (p1 + p0)). `comparison` holds what was compared.
    """
    wanted = read_filters(request.scope["query_string"], AnalyticsQuery)
    parts = parts_of(request)
    found = read_zone(wanted.timezone, parts[Settings].time_zone)
    async with parts[CalculationLimiter].enter():
        analytics = await analyze_sale(parts[Database], sale_id, found)
    return Response(envelope(analytics, "Analytics"), media_type="application/json")
