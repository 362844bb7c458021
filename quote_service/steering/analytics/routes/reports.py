"""What was quoted, sold and earned, as JSON or CSV.

Source: docs/spec/analytics.md#reports.
"""

from collections.abc import Awaitable, Callable, Collection
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response
from litestar.params import FromPath

from quote_service.platform.http.cursors import read_filters
from quote_service.platform.http.parts import AnyRequest, parts_of
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.settings import Settings
from quote_service.platform.system.instants import from_micros
from quote_service.pricing.flags.flag import FlagKey
from quote_service.steering.analytics.model.reports.answers import CommissionReport, PricingReport
from quote_service.steering.analytics.model.reports.flags import FlagsReport
from quote_service.steering.analytics.model.reports.pieces import Zones
from quote_service.steering.analytics.model.reports.products import ProductReport
from quote_service.steering.analytics.model.reports.query import ReportQuery
from quote_service.steering.analytics.operations.report_commission import ORDERS, report_commission
from quote_service.steering.analytics.operations.report_flags import report_flags
from quote_service.steering.analytics.operations.report_head import require_kept
from quote_service.steering.analytics.operations.report_pricing import report_pricing
from quote_service.steering.analytics.operations.report_product import report_product
from quote_service.steering.analytics.routes import report_examples as examples
from quote_service.steering.analytics.routes.read_report import (
    FilterText,
    PeriodParameters,
    ReportParameters,
    flags_query,
    product_query,
    read_report,
)
from quote_service.steering.analytics.routes.report_csv import flags_csv, groups_csv, product_csv
from quote_service.steering.analytics.routes.report_route import Report, answer_report, report_route
from quote_service.steering.analytics.tables.report_rows import FIGURES, Rollup


class PricingParameters(ReportParameters, frozen=True):
    """What the report of pricing is asked for."""

    sort: Literal["revenue", "orders", "units", "accepted", "discount", "quotes", "quoted_revenue"] = "revenue"
    """The figure by which the largest groups are found: of orders `revenue`, `orders`, `units`, `accepted` and `discount`, of quotes `quotes` and `quoted_revenue`."""
    compare: Literal["previous"] | None = None
    """`previous` to tell totals of the period before, and what changed most against it."""


class CommissionParameters(ReportParameters, frozen=True):
    """What the report of commission is asked for."""

    sort: Literal["commission", "revenue", "orders", "clamped", "reversed"] = "commission"
    """The figure by which the largest groups are found."""


class FlagParameters(PeriodParameters, frozen=True):
    """What the report of flags is asked for."""

    flag: FlagKey | None = None
    """Only this feature flag (key)."""
    region: FilterText | None = None
    """Only this region, such as `TR/Istanbul`."""
    tier: FilterText | None = None
    """Only customers of this tier."""
    group_by: Literal["day"] | None = None
    """`day` to tell each day too."""


@report_route("/pricing", "Pricing", PricingReport, PricingParameters, examples.PRICING, examples.PRICING_CSV)
async def show_pricing_report(request: AnyRequest) -> Response[bytes]:
    """Get what was quoted and sold.

    Quotes, accepted quotes and orders with their amounts, in total and by groups. Filters and `group_by` name at most two
    dimensions together, times and currency not counted. Quotes are counted as they are answered; accepted quotes and orders are exact.
    Currencies are never added up. Days and hours are those of `time_zone`.
    """
    given = read_filters(request.scope["query_string"], PricingParameters)
    return await _answer(
        request,
        given,
        lambda zone, at_us: read_report(given, given.sort, zone, at_us),
        lambda connection, query, zones, at_us: report_pricing(
            connection, query, zones, from_micros(at_us), compared=given.compare is not None
        ),
        groups_csv,
        "Pricing",
    )


@report_route(
    "/commission", "Commission", CommissionReport, CommissionParameters, examples.COMMISSION, examples.COMMISSION_CSV
)
async def show_commission_report(request: AnyRequest) -> Response[bytes]:
    """Get what was earned.

    Commission of orders and what of it was given back, by groups as `GET /api/v1/analytics/pricing`, beside the period before. All
    figures are exact. The period before has the same clock times, as many whole days earlier as the period touches.
    """
    given = read_filters(request.scope["query_string"], CommissionParameters)
    return await _answer(
        request,
        given,
        lambda zone, at_us: read_report(given, given.sort, zone, at_us),
        lambda connection, query, zones, at_us: report_commission(connection, query, zones, from_micros(at_us)),
        groups_csv,
        "Commission",
        ORDERS,
    )


@report_route("/flags", "Flags", FlagsReport, FlagParameters, examples.FLAGS, examples.FLAGS_CSV)
async def show_flags_report(request: AnyRequest) -> Response[bytes]:
    """Get the adoption of feature flags.

    What quotes show of each flag: how many, which variant, and how many of them were accepted, in all currencies together.
    """
    given = read_filters(request.scope["query_string"], FlagParameters)
    return await _answer(
        request,
        given,
        lambda zone, at_us: flags_query(given, given.flag, given.region, given.tier, given.group_by, zone, at_us),
        lambda connection, query, zones, at_us: report_flags(connection, query, zones, from_micros(at_us)),
        flags_csv,
        "Flags",
    )


@report_route(
    "/products/{product_id:uuid}", "Product", ProductReport, PeriodParameters, examples.PRODUCT, examples.PRODUCT_CSV
)
async def show_product_report(request: AnyRequest, product_id: FromPath[UUID]) -> Response[bytes]:
    """Get how a product did.

    Its price over time, units, views (quoted lines), conversion and price elasticity, by day and in each currency by itself.
    """
    given = read_filters(request.scope["query_string"], PeriodParameters)
    return await _answer(
        request,
        given,
        lambda zone, at_us: product_query(given, product_id, zone, at_us),
        lambda connection, query, zones, at_us: report_product(
            connection, product_id, query, zones, from_micros(at_us)
        ),
        product_csv,
        "Product",
    )


async def _answer(
    request: AnyRequest,
    given: PeriodParameters,
    read: Callable[[ZoneInfo, int], ReportQuery],
    report: Callable[[Connection, ReportQuery, Zones, int], Awaitable[Report]],
    lines: Callable[[Report], bytes],
    name: str,
    rollups: Collection[Rollup] = FIGURES,
) -> Response[bytes]:
    settings = parts_of(request)[Settings]

    async def make(connection: Connection, zones: Zones, at_us: int) -> Report:
        query = read(zones.shown, at_us)
        await require_kept(connection, query, zones, settings, from_micros(at_us))
        return await report(connection, query, zones, at_us)

    return await answer_report(request, given, make, lines, name, rollups=rollups)
