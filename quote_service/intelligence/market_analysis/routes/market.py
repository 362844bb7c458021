"""Figures of the market: `/api/v1/market`.

Source: docs/spec/market-analysis.md#in-the-api.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get
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
from quote_service.intelligence.market_analysis.routes.windows import list_windows, show_stream
from quote_service.platform.callers.access import REPORT_READERS
from quote_service.platform.http.answers import one_answer, page_answer
from quote_service.platform.http.cursors import NoFilters, read_filters, read_page
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Invalid
from quote_service.steering.analytics.operations.report_head import zone_of_reports

_DAYS_DEFAULT: Final = 90
_RUNS_SHOWN: Final = 20
_VOLATILE = "volatile-products"
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


@get(
    "/products/{product_id:uuid}/trends",
    opt={
        "access": REPORT_READERS,
        "described": Described(
            answer=Trends, answer_example=examples.TRENDS, message="Trends", query=DaysFilter, tag="Market"
        ),
    },
)
async def show_trends(request: Request[Any, Any, Any], product_id: FromPath[UUID]) -> Response[bytes]:
    """Get price trends of a product.

    Our price and those of competitors by day, with the lowest price of 30 days and the change against 7 and 30 days before.
    """
    given = read_filters(request.scope["query_string"], DaysFilter)
    async with parts_of(request)[Database].snapshot() as connection:
        days = await _days(connection, request, given)
        return one_answer(await read_trends(connection, product_id, *days, given.currency), "Trends")


@get(
    "/products/{product_id:uuid}/demand",
    opt={
        "access": REPORT_READERS,
        "described": Described(
            answer=Demand, answer_example=examples.DEMAND, message="Demand", query=DaysFilter, tag="Market"
        ),
    },
)
async def show_demand(request: Request[Any, Any, Any], product_id: FromPath[UUID]) -> Response[bytes]:
    """Get demand for a product.

    Units, revenue and price by day; days with a price on which nothing was ordered have 0 units.
    """
    given = read_filters(request.scope["query_string"], DaysFilter)
    async with parts_of(request)[Database].snapshot() as connection:
        days = await _days(connection, request, given)
        return one_answer(await read_demand(connection, product_id, *days, given.currency), "Demand")


@get(
    "/products/{product_id:uuid}/distribution",
    opt={
        "access": REPORT_READERS,
        "described": Described(
            answer=list[ProductDistribution],
            answer_example=[examples.DISTRIBUTION],
            message="Distribution",
            query=ByFilter,
            tag="Market",
        ),
    },
)
async def show_product_distribution(request: Request[Any, Any, Any], product_id: FromPath[UUID]) -> Response[bytes]:
    """Get how competitors price a product.

    For each competitor or platform: quartiles of its prices at the end of each of the last 30 days, and how they compare with ours.
    """
    given = _checked(read_filters(request.scope["query_string"], ByFilter))
    async with parts_of(request)[Database].snapshot() as connection:
        return one_answer(await read_distribution(connection, product_id, given.by, given.currency), "Distribution")


@get(
    "/products/{product_id:uuid}/volatility",
    opt={
        "access": REPORT_READERS,
        "described": Described(
            answer=list[ProductVolatility],
            answer_example=[examples.VOLATILITY],
            message="Volatility",
            query=CurrencyFilter,
            tag="Market",
        ),
    },
)
async def show_product_volatility(request: Request[Any, Any, Any], product_id: FromPath[UUID]) -> Response[bytes]:
    """Get how much prices of a product vary.

    Our price, the median of competitors, and each competitor's lowest, over the last 30 and 90 days.
    """
    given = _checked(read_filters(request.scope["query_string"], CurrencyFilter))
    async with parts_of(request)[Database].snapshot() as connection:
        return one_answer(await read_volatility(connection, product_id, given.currency), "Volatility")


@get(
    "/distribution",
    opt={
        "access": REPORT_READERS,
        "described": Described(
            answer=list[MarketShare],
            answer_example=[examples.SHARE],
            message="Distribution",
            query=ByFilter,
            tag="Market",
        ),
    },
)
async def show_distribution(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Get how competitors price the catalog.

    For each competitor or platform: how many of our products it sells, how often it is cheaper, and its price index over the last 30 days.
    """
    given = _checked(read_filters(request.scope["query_string"], ByFilter))
    async with parts_of(request)[Database].read() as connection:
        return one_answer(await read_totals(connection, given.by, given.currency), "Distribution")


@get(
    "/volatility",
    opt={
        "access": REPORT_READERS,
        "described": Described(
            answer=VolatileProduct, answer_example=examples.VOLATILE, query=VolatileFilter, form="list", tag="Market"
        ),
    },
)
async def list_volatile_products(request: Request[Any, Any, Any]) -> Response[bytes]:
    """List products by how much their prices vary.

    The price that varied most first.
    """
    page = read_page(request.scope["query_string"], _VOLATILE, VolatileFilter, tuple[Decimal, UUID, str])
    given = _checked(page.filters)
    after = None if page.after is None else VolatileKey(*page.after)
    async with parts_of(request)[Database].read() as connection:
        rows = await page_of_volatile(
            connection, given.subject, given.window_days, given.currency, after, page.limit + 1
        )
    return page_answer(page, _VOLATILE, rows, lambda row: (str(row.variation), str(row.product_id), row.currency))


@get(
    "/runs",
    opt={
        "access": REPORT_READERS,
        "described": Described(
            answer=list[MarketRun], answer_example=[examples.RUN], message="Runs of the market analysis", tag="Market"
        ),
    },
)
async def show_runs(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Get the newest runs of the market analysis.

    The 20 newest of the last 30 days: what each worked out, with which engine, and how it ended.
    """
    read_filters(request.scope["query_string"], NoFilters)
    async with parts_of(request)[Database].read() as connection:
        return one_answer(await read_runs(connection, _RUNS_SHOWN), "Runs of the market analysis")


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
)


def _checked(given: Any) -> Any:
    if given.currency is not None and given.currency not in EXPONENTS:
        raise Invalid.at("/query/currency", "is no ISO 4217 currency")
    return given


async def _days(connection: Connection, request: Request[Any, Any, Any], given: DaysFilter) -> tuple[date, date]:
    """The first and the last day that are asked for."""
    _checked(given)
    zone = await zone_of_reports(connection, parts_of(request)[Settings])
    last = calendar_until(now_us(), zone, 1).last
    if given.to is not None:
        last = min(last, given.to.toordinal() - 1)
    first = max(last - _DAYS_DEFAULT + 1, 1) if given.from_ is None else given.from_.toordinal()
    if first > last:
        raise Invalid.at("/query/to" if given.to is not None else "/query/from", "leaves no day between from and to")
    return day_of_number(first), day_of_number(last)
