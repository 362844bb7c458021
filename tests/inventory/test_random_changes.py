"""Thousands of random changes of stock, held against a model that knows no database.

Source: docs/spec/inventory.md#prices-that-follow-stock.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from quote_service.platform.money.currencies import EXPONENTS
from tests.inventory.items import Item, make_item, make_shop

CHANGES = 10_000
CONNECTIONS = 4
STEPS = 1_500


async def change_stock(database_url: str, items: list[Item], seed: int, made: int) -> list[tuple[UUID, int, int]]:
    """So many changes that were possible: item, delta and quantity after it."""
    chance = random.Random(seed)
    done: list[tuple[UUID, int, int]] = []
    connection = await asyncpg.connect(database_url)
    try:
        while len(done) < made:
            item = chance.choice(items)
            delta = chance.choice((-1, 1)) * chance.choice((1, 2, 5, 30, 100))
            quantity = await connection.fetchval(
                """UPDATE inventory SET quantity = quantity + $2
                WHERE item_id = $1 AND quantity + $2 BETWEEN 0 AND 120 RETURNING quantity""",
                item.id,
                delta,
            )
            if quantity is not None:
                done.append((item.id, delta, quantity))
    finally:
        await connection.close()
    return done


@pytest.mark.long("10 000 random changes from four connections")
async def test_changes_from_four_connections_move_prices_as_the_model_does(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    items = await make_shop(connection)
    reported = await asyncio.gather(
        *(change_stock(database_url, items, seed, CHANGES // CONNECTIONS) for seed in range(CONNECTIONS))
    )
    done = [change for each in reported for change in each]
    logged = []
    for item in items:
        first, *movements = await movements_of(connection, item)
        assert (first["delta"], first["quantity"]) == (50, 50)
        logged += [(item.id, row["delta"], row["quantity"]) for row in movements]
        expected = [
            (str(row["id"]), *move)
            for row in movements
            for move in item.model.change(quantity=item.model.quantity + row["delta"])
        ]
        assert item.model.quantity == sum(row["delta"] for row in (first, *movements))
        stored = await connection.fetchrow("SELECT quantity, version FROM inventory WHERE item_id = $1", item.id)
        assert stored is not None
        assert tuple(stored) == (item.model.quantity, 1 + len(movements))
        assert await moves_by_stock(connection, item) == expected
        await assert_prices_are_those_of_the_model(connection, item)
    # What was done is what is logged, no more and no less.
    assert len(done) == CHANGES
    assert Counter(logged) == Counter(done)
    # Otherwise nothing much was compared.
    assert sum(item.model.crossings for item in items) > CHANGES / 10
    await connection.close()


async def test_every_kind_of_change_moves_prices_as_the_model_does(database_url: str) -> None:
    """Thresholds, percentages and switches change as well, prices and their bounds are moved by hand in between."""
    chance = random.Random(11)
    connection = await asyncpg.connect(database_url)
    item = await make_item(connection, [("TRY", "100.01", "50", "130"), ("JPY", "1999", "1", None)])
    expected = []
    by_hand = 0
    for _ in range(STEPS):
        kind = chance.choice(("quantity",) * 6 + ("low", "high", "percents", "switch", "hand", "hand", "bounds"))
        fields: dict[str, Any] = {}
        match kind:
            case "quantity":
                fields["quantity"] = chance.randrange(121)
            case "low":
                fields["low_threshold"] = chance.choice((None, 0, 10, 20, 40))
            case "high":
                fields["high_threshold"] = chance.choice((None, 60, 80, 100))
            case "percents":
                fields["low_adjust_percent"] = Decimal(chance.randrange(100_000_001)).scaleb(-6)
                fields["high_adjust_percent"] = chance.choice((Decimal(0), Decimal("0.5"), Decimal(60)))
            case "switch":
                fields["is_dynamic"] = not item.model.is_dynamic
            case "hand":
                price = item.model.prices[chance.choice(("TRY", "JPY"))]
                by_hand += await move_by_hand(connection, item, price.currency, Decimal(chance.randrange(50, 131)))
                price.current = Fraction(await current_price(connection, item, price.currency))
            case "bounds":
                bound = Decimal(chance.choice((100, 130, 200)))
                price = item.model.prices["TRY"]
                if price.current <= bound:
                    await connection.execute(
                        "UPDATE product_prices SET max_price = $2, base_price = 60 WHERE item_id = $1 AND currency = 'TRY'",
                        item.id,
                        bound,
                    )
                    price.highest = Fraction(bound)
        if fields:
            assignments = ", ".join(f"{name} = ${place}" for place, name in enumerate(fields, 2))
            await connection.execute(
                f"UPDATE inventory SET {assignments} WHERE item_id = $1", item.id, *fields.values()
            )
            expected += item.model.change(**fields)
            await assert_prices_are_those_of_the_model(connection, item)
    assert [move[1:] for move in await moves_by_stock(connection, item)] == expected
    assert len(expected) > STEPS / 10
    assert by_hand > STEPS / 20
    await connection.close()


async def test_the_database_knows_the_digits_of_every_currency(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    rows = await connection.fetch("SELECT code, currency_digits(code) FROM unnest($1::text[]) AS code", list(EXPONENTS))
    assert {row["code"]: row["currency_digits"] for row in rows} == EXPONENTS
    await connection.close()


async def movements_of(connection: asyncpg.Connection, item: Item) -> list[asyncpg.Record]:
    found: list[asyncpg.Record] = await connection.fetch(
        "SELECT id, delta, quantity FROM inventory_movements WHERE item_id = $1 ORDER BY id", item.id
    )
    return found


async def moves_by_stock(connection: asyncpg.Connection, item: Item) -> list[tuple[Any, ...]]:
    """Movement, currency, old and new price of every move by the item's own stock, in their order."""
    rows = await connection.fetch(
        """SELECT source_id, currency, old_price, new_price FROM price_history
        WHERE item_id = $1 AND reason = 'inventory' AND (
            source_id = $1::uuid::text OR source_id IN (SELECT id::text FROM inventory_movements WHERE item_id = $1)
        ) ORDER BY id""",
        item.id,
    )
    return [tuple(row) for row in rows]


async def move_by_hand(connection: asyncpg.Connection, item: Item, currency: str, price: Decimal) -> bool:
    """Whether the price moved: it is held to its bounds, and may be there already."""
    done = await connection.fetchval(
        """WITH former AS (SELECT current_price FROM product_prices WHERE item_id = $1 AND currency = $2)
        UPDATE product_prices SET current_price = greatest(least($3::numeric, max_price), min_price)
        WHERE item_id = $1 AND currency = $2 RETURNING current_price <> (SELECT current_price FROM former)""",
        item.id,
        currency,
        price,
    )
    return bool(done)


async def assert_prices_are_those_of_the_model(connection: asyncpg.Connection, item: Item) -> None:
    for currency, price in item.model.prices.items():
        assert Fraction(await current_price(connection, item, currency)) == price.current


async def current_price(connection: asyncpg.Connection, item: Item, currency: str) -> Decimal:
    price: Decimal = await connection.fetchval(
        "SELECT current_price FROM product_prices WHERE item_id = $1 AND currency = $2", item.id, currency
    )
    return price
