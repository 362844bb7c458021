"""Figures of the market as they are read.

Source: docs/spec/market-analysis.md#in-the-api.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from quote_service.intelligence.market_analysis.model.answers import DistributionKind, MarketFreshness, Subject
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "market")


Rows = list[dict[str, Any]]


class VolatileKey(NamedTuple):
    """Where a page of the products that vary most goes on."""

    variation: Decimal
    product_id: UUID
    currency: str


async def days_of_product(
    connection: Connection, product_id: UUID, since: date, until: date, currency: str | None
) -> Rows:
    """Days of a product from `since` to `until`, by currency."""
    return await _rows(connection, STATEMENTS["days"], product_id, since, until, currency)


async def days_of_products(
    connection: Connection, product_ids: Sequence[UUID], since: date, until: date, currency: str | None
) -> Rows:
    """Days of products from `since` to `until`, by product and currency."""
    return await _rows(connection, STATEMENTS["days_of_products"], product_ids, since, until, currency)


async def distribution_of_product(
    connection: Connection, product_id: UUID, kind: DistributionKind, currency: str | None
) -> Rows:
    """How each competitor or platform prices a product."""
    return await _rows(connection, STATEMENTS["distribution"], product_id, kind, currency)


async def totals_of_market(connection: Connection, kind: DistributionKind, currency: str | None) -> Rows:
    """How each competitor or platform prices the catalog."""
    return await _rows(connection, STATEMENTS["totals"], kind, currency)


async def volatility_of_product(connection: Connection, product_id: UUID, currency: str | None) -> Rows:
    """How much the prices of a product varied."""
    return await _rows(connection, STATEMENTS["volatility_of_product"], product_id, currency)


async def most_volatile(
    connection: Connection,
    subject: Subject,
    window_days: int,
    currency: str | None,
    after: VolatileKey | None,
    limit: int,
) -> Rows:
    """Up to `limit` products, the price that varied most first, from behind `after`."""
    key = after or (None, None, None)
    return await _rows(connection, STATEMENTS["most_volatile"], subject, window_days, currency, *key, limit)


async def freshness_of_product(connection: Connection, product_id: UUID) -> MarketFreshness:
    """How new the figures of a product are."""
    row = await connection.fetchrow(STATEMENTS["freshness"], product_id)
    return MarketFreshness(
        analysed_at=None if row is None else row["analysed_at"], day=None if row is None else row["day"]
    )


async def seconds_since_analysis(connection: Connection) -> float | None:
    """How long ago the last run that was done began; None where there was none."""
    age = await connection.fetchval(STATEMENTS["age"])
    return None if age is None else float(age)


async def _rows(connection: Connection, statement: str, *arguments: object) -> Rows:
    return [dict(row) for row in await connection.fetch(statement, *arguments)]
