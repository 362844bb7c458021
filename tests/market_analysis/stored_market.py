"""A market in the tables that an analysis reads.

Source: docs/spec/market-analysis.md#inputs.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from quote_service.intelligence.market_analysis.operations.run_analysis import AnalysisTerms
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.new_ids import new_id
from tests.market_analysis.plain_analysis import Rows
from tests.market_analysis.random_market import BERLIN, COMPETITORS, DAY_US, Market

TERMS = AnalysisTerms(BERLIN, memory_mb=256)
_WRITTEN = "'test', now(), 'test', now()"


async def store_product(connection: Connection, product_id: str) -> None:
    await connection.execute(
        "INSERT INTO products (id, sku, name, created_by, created_at, changed_by, updated_at) "
        f"VALUES ($1::uuid, $1::uuid::text, 'of a test', {_WRITTEN})",
        UUID(product_id),
    )


async def store_source(connection: Connection, competitor_id: str, stale_us: int, url: str | None) -> UUID:
    """A source of a competitor; without a URL of its listings it is one of Amazon's."""
    source_id = UUID(new_id())
    await connection.execute(
        "INSERT INTO competitor_sources (id, competitor_id, name, kind, settings, interval_seconds, stale_after_seconds, "
        "lane, created_by, created_at, changed_by, updated_at) "
        f"VALUES ($1, $2, 'of a test', $3, $4::text::json, 3600, $5, 'lane', {_WRITTEN})",
        source_id,
        UUID(competitor_id),
        "api" if url is None else "push",
        '{"connector": "amazon"}' if url is None else "{}",
        stale_us // 1_000_000,
    )
    return source_id


async def store_market(database: Database, market: Market, products: int) -> None:
    """Everything of a drawn market."""
    async with database.transaction() as connection:
        for number in range(products):
            await store_product(connection, f"00000000-0000-7000-8000-{number:012d}")
        await connection.executemany(
            "INSERT INTO price_history (product_id, currency, old_price, new_price, reason, actor, at) "
            "VALUES ($1, $2, $3, $4, 'manual', 'test', $5)",
            [
                (
                    UUID(move.product_id),
                    move.currency,
                    Decimal(1) if move.price is None else None,
                    move.price,
                    _at(move),
                )
                for move in market.prices
            ],
        )
        await connection.executemany(
            "INSERT INTO analytics_orders (cube, grain, period, currency, key_a, key_b, orders, units, gross_minor, "
            "platform_discount_minor, reversed_units) VALUES ('product', 'day', $1, $2, $3, '', $4, $5, $6 + 7, 7, $7)",
            [
                (_at(s), s.currency, s.product_id, s.orders, s.units, s.revenue_minor, s.units_returned)
                for s in market.sales
            ],
        )
        for competitor in COMPETITORS:
            await connection.execute(
                "INSERT INTO competitors (id, name, created_by, created_at, changed_by, updated_at) "
                f"VALUES ($1, $2, {_WRITTEN})",
                UUID(competitor),
                f"Rival {competitor[-1]}",
            )
        listings: dict[str, list[Any]] = {}
        for offer in market.offers:
            listings.setdefault(offer.listing_id, []).append(offer)
        for listing_id, offers in listings.items():
            await _store_listing(connection, listing_id, offers)


async def _store_listing(connection: Connection, listing_id: str, offers: list[Any]) -> None:
    first = offers[0]
    url = None if first.platform == "amazon" else f"https://www.{first.platform}:8443/p/{listing_id}"
    source = await store_source(connection, first.competitor, first.holds_until_us - first.at_us - DAY_US, url)
    await store_listing(connection, listing_id, source, first.competitor, first.product_id, url)
    for offer in offers:
        await store_observation(connection, listing_id, _at(offer), offer.price, offer.currency)


async def store_listing(
    connection: Connection,
    listing_id: str,
    source: UUID,
    competitor_id: str,
    product_id: str,
    url: str | None,
    units: Decimal = Decimal(1),
) -> None:
    await connection.execute(
        "INSERT INTO competitor_listings (id, source_id, competitor_id, external_id, url, match_state, match_method, "
        "product_id, units, created_at, updated_at) VALUES ($1::uuid, $2, $3, $1::uuid::text, $4, 'matched', 'source', $5, $6, now(), now())",
        UUID(listing_id),
        source,
        UUID(competitor_id),
        url,
        UUID(product_id),
        units,
    )


async def store_observation(
    connection: Connection,
    listing_id: str,
    at: datetime,
    price: Decimal | None,
    currency: str = "EUR",
    **fields: Any,
) -> UUID:
    observation_id = UUID(new_id())
    columns = {
        "availability": "out_of_stock" if price is None else "in_stock",
        "condition": "new",
        "doubted_reason": None,
        **fields,
    }
    await connection.execute(
        "INSERT INTO competitor_observations (id, listing_id, observed_at, received_at, currency, price, availability, "
        "condition, doubted_reason) VALUES ($1, $2, $3, now(), $4, $5, $6, $7, $8)",
        observation_id,
        UUID(listing_id),
        at,
        currency,
        price,
        *(columns[name] for name in ("availability", "condition", "doubted_reason")),
    )
    return observation_id


async def stored_results(database: Database) -> dict[str, Rows]:
    """What is in the tables, as the transformations give it."""
    found: dict[str, Rows] = {}
    async with database.read() as connection:
        for name, table, last in (
            ("days", "market_days", "dearer"),
            ("distribution", "market_distribution", "ours"),
            ("volatility", "market_volatility", "falls"),
        ):
            rows = await connection.fetch(f"SELECT * FROM {table}")
            found[name] = [_plain(dict(row), last) for row in rows]
    return found


def _plain(row: dict[str, Any], last: str) -> tuple[Any, ...]:
    values = []
    for name, value in row.items():
        if name == "day":
            value = value.toordinal()
        values.append(str(value) if isinstance(value, UUID) else value)
        if name == last:
            break
    return tuple(values)


def _at(row: Any) -> datetime:
    return from_micros(row.at_us)


def days_before(now_us: int, days: float) -> datetime:
    return datetime.fromtimestamp(now_us / 1_000_000, UTC) - timedelta(days=days)
