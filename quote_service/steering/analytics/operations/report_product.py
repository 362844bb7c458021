"""How a product did.

Source: docs/spec/analytics.md#products.
"""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.shop.catalog.operations.require_product import require_product
from quote_service.steering.analytics.model.reports.pieces import Zones
from quote_service.steering.analytics.model.reports.products import (
    ProductCurrency,
    ProductDay,
    ProductReport,
    price_elasticity,
    product_figures,
)
from quote_service.steering.analytics.model.reports.query import ReportQuery
from quote_service.steering.analytics.operations.gather_report import gather_report
from quote_service.steering.analytics.operations.report_head import freshness_of
from quote_service.steering.analytics.tables.report_rows import Rollup

_FIGURES: Final[dict[Rollup, tuple[str, ...]]] = {
    "quotes": ("lines", "units", "gross_minor"),
    "orders": (
        "accepted", "accepted_shift", "orders", "units", "gross_minor", "seller_discount_minor", "platform_discount_minor",
        "reversed_units",
    ),
}  # fmt: skip


async def report_product(
    connection: Connection, product_id: UUID, query: ReportQuery, zones: Zones, read_at: datetime
) -> ProductReport:
    """The report.

    Args:
        connection: On one state of the database.
        product_id: The product; the query has it as a filter.
        query: Grouped by day.
        zones: By which clock, and that of the rollups.
        read_at: The present.

    Raises:
        NotFound: There is no such product.
    """
    await require_product(connection, product_id)
    blocks = await gather_report(connection, query, zones, list(_FIGURES), {}, figures=_FIGURES)
    currencies = []
    for block in blocks:
        days = [(group.times[0], group.figures) for group in block.groups]
        currencies.append(
            ProductCurrency(
                currency=block.currency,
                totals=product_figures(*block.totals, block.currency),
                price_elasticity=price_elasticity([figures for _, figures in days], block.currency),
                days=[
                    ProductDay(day=day, figures=product_figures(*figures, block.currency))
                    for day, figures in days
                    if isinstance(day, date)
                ],
            )
        )
    return ProductReport(
        product_id=product_id,
        from_=query.begin,
        to=query.end,
        time_zone=zones.shown.key,
        freshness=await freshness_of(connection, read_at, zones, query),
        currencies=currencies,
    )
