"""Products and variants with stock, as rows and as models.

Source: docs/spec/inventory.md#prices-that-follow-stock.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from tests.inventory.model import ModelItem, ModelPrice

SETTINGS: dict[str, Any] = {
    "low_threshold": 20,
    "high_threshold": 80,
    "low_adjust_percent": Decimal("12.5"),
    "high_adjust_percent": Decimal("33.333333"),
    "is_dynamic": True,
}


@dataclass
class Item:
    """A row of the inventory, and its model."""

    product_id: UUID
    variant_id: UUID | None
    model: ModelItem

    @property
    def id(self) -> UUID:
        return self.variant_id or self.product_id


async def make_product(connection: asyncpg.Connection) -> UUID:
    product_id = uuid4()
    await connection.execute(
        """INSERT INTO products (id, sku, name, created_by, created_at, changed_by, updated_at)
        VALUES ($1, $1::uuid::text, 'shoe', 'test', now(), 'test', now())""",
        product_id,
    )
    return product_id


async def make_variant(connection: asyncpg.Connection, product_id: UUID) -> UUID:
    variant_id = uuid4()
    await connection.execute(
        "INSERT INTO product_variants (id, product_id, sku, name, place) VALUES ($1, $2, $1::uuid::text, 'size', 0)",
        variant_id,
        product_id,
    )
    return variant_id


async def make_item(
    connection: asyncpg.Connection,
    prices: list[tuple[str, str, str, str | None]],
    *,
    product_id: UUID | None = None,
    own: tuple[str, ...] = ("current_price",),
    **settings: Any,
) -> Item:
    """A product (or a variant of one) with prices (currency, current, min, max) and stock of 50."""
    variant_id = None if product_id is None else await make_variant(connection, product_id)
    product_id = product_id or await make_product(connection)
    for currency, current, lowest, highest in prices:
        await connection.execute(
            """INSERT INTO product_prices (
                product_id, variant_id, currency, base_price, current_price, min_price, max_price, own
            ) VALUES ($1, $2, $3, $4, $4, $5, $6, $7)""",
            product_id,
            variant_id,
            currency,
            Decimal(current),
            Decimal(lowest),
            highest and Decimal(highest),
            [] if variant_id is None else list(own),
        )
    known = {**SETTINGS, **settings}
    await connection.execute(
        """INSERT INTO inventory (
            product_id, variant_id, quantity, low_threshold, high_threshold, low_adjust_percent, high_adjust_percent,
            is_dynamic
        ) VALUES ($1, $2, 50, $3, $4, $5, $6, $7)""",
        product_id,
        variant_id,
        *(known[name] for name in SETTINGS),
    )
    moved = prices if variant_id is None or "current_price" in own else []
    model_prices = {
        currency: ModelPrice(currency, Fraction(current), Fraction(lowest), Fraction(highest) if highest else None)
        for currency, current, lowest, highest in moved
    }
    return Item(product_id, variant_id, ModelItem(model_prices, 50, **known))


async def make_shop(connection: asyncpg.Connection) -> list[Item]:
    """Items of every kind: currencies of each exponent, narrow bounds, variants with and without prices of their own."""
    several = [
        ("TRY", "100.01", "0", None),
        ("JPY", "1999", "1", None),
        ("KWD", "7.125", "0", "9"),
        ("CLF", "3.3333", "0", None),
    ]
    plain = await make_item(connection, several)
    return [
        plain,
        await make_item(connection, [("TRY", "90.5", "0", None)], product_id=plain.product_id),
        await make_item(connection, [("JPY", "1999", "1", None)], product_id=plain.product_id, own=("cost_price",)),
        await make_item(connection, [("TRY", "50", "45", "52.123456"), ("EUR", "0.01", "0", None)]),
        await make_item(connection, [("USD", "19.995", "0", None)], low_threshold=None),
        await make_item(connection, [("USD", "19.90", "0", None)], low_threshold=49, high_threshold=51),
        await make_item(connection, [("USD", "19.90", "0", None)], high_adjust_percent=Decimal(100)),
        await make_item(connection, [("USD", "19.90", "0", None)], is_dynamic=False),
        await make_item(connection, []),
    ]
