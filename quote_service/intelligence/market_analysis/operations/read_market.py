"""Figures of the market, for the API and for the subjects above.

Source: docs/spec/market-analysis.md#in-the-api.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from quote_service.intelligence.market_analysis.model.answers import (
    Demand,
    DistributionKind,
    MarketShare,
    ProductDistribution,
    ProductVolatility,
    Subject,
    Trends,
    VolatileProduct,
)
from quote_service.intelligence.market_analysis.model.figures import (
    demand_of,
    distribution_of,
    share_of,
    trends_of,
    volatile_product_of,
    volatility_of,
)
from quote_service.intelligence.market_analysis.model.runs import MarketRun
from quote_service.intelligence.market_analysis.tables import market, runs
from quote_service.intelligence.market_analysis.tables.market import VolatileKey
from quote_service.platform.postgres.pool import Connection
from quote_service.shop.catalog.operations.require_product import require_product

__all__ = ["VolatileKey"]


async def read_trends(
    connection: Connection, product_id: UUID, since: date, until: date, currency: str | None
) -> Trends:
    """Prices of a product and of its competitors from `since` to `until`.

    Raises:
        NotFound: There is no such product.
    """
    await require_product(connection, product_id)
    rows = await market.days_of_product(connection, product_id, since, until, currency)
    freshness = await market.freshness_of_product(connection, product_id)
    return Trends(product_id=product_id, freshness=freshness, currencies=trends_of(rows))


async def read_demand(
    connection: Connection, product_id: UUID, since: date, until: date, currency: str | None
) -> Demand:
    """What was sold of a product from `since` to `until`.

    Raises:
        NotFound: There is no such product.
    """
    await require_product(connection, product_id)
    rows = await market.days_of_product(connection, product_id, since, until, currency)
    freshness = await market.freshness_of_product(connection, product_id)
    return Demand(product_id=product_id, freshness=freshness, currencies=demand_of(rows))


async def read_days(
    connection: Connection, product_ids: Sequence[UUID], since: date, until: date, *, currency: str | None = None
) -> list[dict[str, Any]]:
    """Rows of days of many products, with the columns of `market_days`, by product, currency and day.

    Amounts are exact: prices in major units, revenue in minor units. What learns from them divides for itself.
    """
    return await market.days_of_products(connection, product_ids, since, until, currency)


async def read_distribution(
    connection: Connection, product_id: UUID, kind: DistributionKind, currency: str | None
) -> list[ProductDistribution]:
    """How each competitor or platform prices a product, the lowest median first.

    Raises:
        NotFound: There is no such product.
    """
    await require_product(connection, product_id)
    return [
        distribution_of(row) for row in await market.distribution_of_product(connection, product_id, kind, currency)
    ]


async def read_totals(connection: Connection, kind: DistributionKind, currency: str | None) -> list[MarketShare]:
    """How each competitor or platform prices the catalog, who sells most of it first."""
    return [share_of(row) for row in await market.totals_of_market(connection, kind, currency)]


async def read_volatility(connection: Connection, product_id: UUID, currency: str | None) -> list[ProductVolatility]:
    """How much prices of a product varied: ours, the market's, and each competitor's.

    Raises:
        NotFound: There is no such product.
    """
    await require_product(connection, product_id)
    return [volatility_of(row) for row in await market.volatility_of_product(connection, product_id, currency)]


async def page_of_volatile(
    connection: Connection,
    subject: Subject,
    window_days: int,
    currency: str | None,
    after: VolatileKey | None,
    limit: int,
) -> list[VolatileProduct]:
    """Up to `limit` products, the price that varied most first."""
    rows = await market.most_volatile(connection, subject, window_days, currency, after, limit)
    return [volatile_product_of(row) for row in rows]


async def read_runs(connection: Connection, limit: int) -> list[MarketRun]:
    """The newest runs of the analysis."""
    return await runs.newest_runs(connection, limit)
