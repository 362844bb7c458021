"""Figures of the market: `/api/v1/market`.

Source: docs/spec/market-analysis.md#in-the-api.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from litestar import Router
from litestar.params import FromPath

from quote_service.intelligence.market_analysis.model.answers import (
    Demand,
    DistributionKind,
    MarketShare,
    ProductDistribution,
    ProductVolatility,
    Trends,
    VolatileProduct,
)
from quote_service.intelligence.market_analysis.model.calendar import calendar_until, day_of_number
from quote_service.intelligence.market_analysis.model.runs import MarketRun
from quote_service.intelligence.market_analysis.operations.read_market import (
    VolatileKey,
    page_of_volatile,
    read_demand,
    read_distribution,
    read_runs,
    read_totals,
    read_trends,
    read_volatility,
)
from quote_service.intelligence.market_analysis.routes import examples
from quote_service.intelligence.market_analysis.routes.examples import EXAMPLES
from quote_service.intelligence.market_analysis.routes.windows import list_windows, show_stream
from quote_service.platform.callers.access import REPORT_READERS
from quote_service.platform.http.checked_filters import check_filters
from quote_service.platform.http.cursors import Page
from quote_service.platform.http.endpoints.connections import Reading, Snapshot
from quote_service.platform.http.endpoints.endpoint import get
from quote_service.platform.http.endpoints.results import Cursor
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Invalid
from quote_service.steering.analytics.operations.report_head import zone_of_reports

_DAYS_DEFAULT: Final = 90
_RUNS_SHOWN: Final = 20
_Code = Annotated[str, msgspec.Meta(max_length=3)]


class CurrencyFilter(msgspec.Struct, frozen=True):
    """In which currency."""

    currency: _Code | None = None
    """Only this currency (ISO 4217)."""


class DaysFilter(CurrencyFilter, frozen=True):
    """Which days."""

    from_: date | None = msgspec.field(default=None, name="from")
    """The first day; by default the 90th before the end. Figures are kept for 400 days."""
    to: date | None = None
    """The day after the last one; by default tomorrow."""


class ByFilter(CurrencyFilter, frozen=True):
    """By what."""

    by: DistributionKind = "competitor"
    """`competitor`, or `platform`: a marketplace, or the host that listings are found at."""


class VolatileFilter(CurrencyFilter, frozen=True):
    """Whose prices, and over how many days."""

    subject: Literal["own", "market"] = "own"
    """`own`: by our price; `market`: by the median of competitors."""
    window_days: Literal[30, 90] = 30
    """Over the last 30 or 90 days."""


def _check_currency(query: CurrencyFilter) -> None:
    check_filters(query.currency)


@get("/products/{product_id:uuid}/trends", access=REPORT_READERS, message="Trends", check=_check_currency, tag="Market")
async def show_trends(
    connection: Snapshot, settings: Settings, product_id: FromPath[UUID], query: DaysFilter
) -> Trends:
    """Get price trends of a product.

    Our price and those of competitors by day, with the lowest price of 30 days and the change against 7 and 30 days before.
    """
    days = await _days(connection, settings, query)
    return await read_trends(connection, product_id, *days, query.currency)


@get("/products/{product_id:uuid}/demand", access=REPORT_READERS, message="Demand", check=_check_currency, tag="Market")
async def show_demand(
    connection: Snapshot, settings: Settings, product_id: FromPath[UUID], query: DaysFilter
) -> Demand:
    """Get demand for a product.

    Units, revenue and price by day; days with a price on which nothing was ordered have 0 units.
    """
    days = await _days(connection, settings, query)
    return await read_demand(connection, product_id, *days, query.currency)


@get(
    "/products/{product_id:uuid}/distribution",
    access=REPORT_READERS,
    example=[examples.DISTRIBUTION],
    message="Distribution",
    check=_check_currency,
    tag="Market",
)
async def show_product_distribution(
    connection: Snapshot, product_id: FromPath[UUID], query: ByFilter
) -> list[ProductDistribution]:
    """Get how competitors price a product.

    For each competitor or platform: quartiles of its prices at the end of each of the last 30 days, and how they compare with ours.
    """
    return await read_distribution(connection, product_id, query.by, query.currency)


@get(
    "/products/{product_id:uuid}/volatility",
    access=REPORT_READERS,
    example=[examples.VOLATILITY],
    message="Volatility",
    check=_check_currency,
    tag="Market",
)
async def show_product_volatility(
    connection: Snapshot, product_id: FromPath[UUID], query: CurrencyFilter
) -> list[ProductVolatility]:
    """Get how much prices of a product vary.

    Our price, the median of competitors, and each competitor's lowest, over the last 30 and 90 days.
    """
    return await read_volatility(connection, product_id, query.currency)


@get(
    "/distribution",
    access=REPORT_READERS,
    example=[examples.SHARE],
    message="Distribution",
    check=_check_currency,
    tag="Market",
)
async def show_distribution(connection: Reading, query: ByFilter) -> list[MarketShare]:
    """Get how competitors price the catalog.

    For each competitor or platform: how many of our products it sells, how often it is cheaper, and its price index over the last 30 days.
    """
    return await read_totals(connection, query.by, query.currency)


@get(
    "/volatility",
    access=REPORT_READERS,
    cursor=Cursor("volatile-products", lambda row: (str(row.variation), str(row.product_id), row.currency)),
    check=lambda page: check_filters(page.filters.currency),
    tag="Market",
)
async def list_volatile_products(
    connection: Reading, page: Page[VolatileFilter, tuple[Decimal, UUID, str]]
) -> list[VolatileProduct]:
    """List products by how much their prices vary.

    The price that varied most first.
    """
    given = page.filters
    after = None if page.after is None else VolatileKey(*page.after)
    return await page_of_volatile(connection, given.subject, given.window_days, given.currency, after, page.limit + 1)


@get("/runs", access=REPORT_READERS, example=[examples.RUN], message="Runs of the market analysis", tag="Market")
async def show_runs(connection: Reading) -> list[MarketRun]:
    """Get the newest runs of the market analysis.

    The 20 newest of the last 30 days: what each worked out, with which engine, and how it ended.
    """
    return await read_runs(connection, _RUNS_SHOWN)


market = Router(
    "/api/v1/market",
    route_handlers=[
        show_trends,
        show_demand,
        show_product_distribution,
        show_product_volatility,
        show_distribution,
        list_volatile_products,
        show_runs,
        list_windows,
        show_stream,
    ],
    opt={"examples": EXAMPLES},
)


async def _days(connection: Connection, settings: Settings, given: DaysFilter) -> tuple[date, date]:
    """The first and the last day that are asked for."""
    zone = await zone_of_reports(connection, settings)
    last = calendar_until(now_us(), zone, 1).last
    if given.to is not None:
        last = min(last, given.to.toordinal() - 1)
    first = max(last - _DAYS_DEFAULT + 1, 1) if given.from_ is None else given.from_.toordinal()
    if first > last:
        raise Invalid.at("/query/to" if given.to is not None else "/query/from", "leaves no day between from and to")
    return day_of_number(first), day_of_number(last)
