"""Seeded rows on their way into their tables, by COPY: constraints and triggers hold for them as for anybody's.

Source: docs/spec/seeding.md#how-it-is-written.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries

AUTHOR: Final = "seed"

_QUERIES = load_queries(__file__, "seeding")
_HOLDS_PRODUCTS = _QUERIES["holds_products"]
_HOLDS_SEED = _QUERIES["holds_seed"]
_HOLDS_RULES = _QUERIES["holds_rules"]
_SET_AUTHOR = _QUERIES["set_author"]
_SET_PRICE_REASON = _QUERIES["set_price_reason"]
_MOVE_PRICES = _QUERIES["move_prices"]
_ANALYZE = _QUERIES["analyze"]

_WRITTEN = ("created_by", "created_at", "changed_by", "updated_at")
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "categories": ("id", "parent_id", "name", *_WRITTEN),
    "sellers": ("id", "name", "external_ref", *_WRITTEN),
    "customers": ("id", "external_ref", "email", "tier", "segments", *_WRITTEN),
    "products": (
        "id", "sku", "name", "description", "category_id", "seller_id", "is_active", "weight", "tags", "attributes", *_WRITTEN,
    ),
    "product_variants": ("id", "product_id", "sku", "name", "attributes", "place"),
    "product_prices": (
        "product_id", "variant_id", "currency", "base_price", "current_price", "min_price", "cost_price", "max_price", "own",
    ),
    "inventory": (
        "product_id", "variant_id", "quantity", "low_threshold", "high_threshold", "low_adjust_percent",
        "high_adjust_percent", "is_dynamic", "changed_by", "updated_at",
    ),
    "accepted_quotes": (
        "quote_id", "customer_id", "external_ref", "currency", "exponent", "item_total_minor", "discount_minor",
        "subtotal_minor", "tax_minor", "delivery_fee_minor", "small_basket_fee_minor", "total_minor",
        "platform_discount_minor", "seller_commission_minor", "category_commission_minor", "logistics_commission_minor",
        "payouts", "coupon_codes", "data", "request", "rulebook_version", "issued_at", "valid_until", "accepted_at",
        "accepted_by", "accepted_by_kind", "request_id", "receipt",
    ),
}  # fmt: skip


async def holds_products(connection: Connection) -> bool:
    """Whether there is a product already."""
    return bool(await connection.fetchval(_HOLDS_PRODUCTS))


async def holds_seed(connection: Connection, first_sku: str, first_customer: UUID) -> bool:
    """Whether rows of a seed are there, by the first of them."""
    return bool(await connection.fetchval(_HOLDS_SEED, first_sku, first_customer))


async def holds_rules(connection: Connection) -> bool:
    """Whether there is any pricing rule."""
    return bool(await connection.fetchval(_HOLDS_RULES))


async def set_author(connection: Connection) -> None:
    """Who moves prices and stock from here to the end of the transaction."""
    await connection.execute(_SET_AUTHOR, AUTHOR)


async def set_price_reason(connection: Connection, reason: str, note: str, at: datetime) -> None:
    """Why and when prices and stock move from here on."""
    await connection.execute(_SET_PRICE_REASON, reason, note, at.isoformat())


async def copy_rows(connection: Connection, table: str, rows: Iterable[Sequence[Any]]) -> None:
    """Write rows, their values in the order of `COLUMNS`."""
    await connection.copy_records_to_table(table, records=rows, columns=COLUMNS[table])


async def copy_texts(connection: Connection, table: str, chunks: AsyncIterator[bytes]) -> None:
    """Write rows that are text already, in COPY's own form (`copy_line`)."""
    await connection.copy_to_table(table, source=chunks, columns=COLUMNS[table])


async def move_prices(connection: Connection, currency: str, items: Sequence[UUID], prices: Sequence[Decimal]) -> None:
    """Move prices, as anybody may."""
    await connection.execute(_MOVE_PRICES, items, prices, currency)


async def analyze(connection: Connection) -> None:
    """Let PostgreSQL know how much there is now, before its own round comes."""
    await connection.execute(_ANALYZE)
