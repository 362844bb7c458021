"""What is read of the past beside prices: demand, where sellers are, and the versions that counted.

Source: docs/spec/quotes.md#as-it-was-known.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.new_ids import new_id
from quote_service.pricing.basket import Address, Basket, BasketItem
from quote_service.rulebook.snapshot.model.position import Asked
from quote_service.rulebook.snapshot.tables.known_past import read_known_versions, read_past_catalog
from quote_service.rulebook.snapshot.tables.rulebook_rows import read_version
from tests.postgres.rows import insert_rule
from tests.rulebook.stored_catalog import add_product

A = str(UUID(int=0xA))
NOON = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)


async def test_demand_is_counted_up_to_the_minute_before_an_instant(new_database_url: Callable[[], str]) -> None:
    database = await Database.open(new_database_url())
    try:
        async with database.transaction() as connection:
            await add_product(connection, A)
            await connection.execute("UPDATE products SET created_at = $1::timestamptz", NOON - timedelta(days=2))
            for minutes, quantity in ((-1, 1), (0, 2), (59, 4), (61, 8), (119, 16)):
                await connection.execute(
                    "INSERT INTO accepted_quote_lines (quote_id, line, product_id, accepted_at, currency, quantity,"
                    " net_minor, price_source) VALUES ($1, 1, $2, $3, 'TRY', $4, 0, 'catalog')",
                    new_id(),
                    A,
                    NOON - timedelta(minutes=minutes, seconds=20),
                    quantity,
                )
            basket = Basket(
                customer_id=A,
                seller_id=A,
                items=[BasketItem(product_id=A, quantity=1)],
                delivery_address=Address("Istanbul", "TR"),
                currency="EUR",
            )
            catalog = await read_past_catalog(connection, basket, Asked(False, frozenset({1, 2})), NOON)
            assert [catalog.demand.get((A, hours)) for hours in (1, 2)] == [4, 28]
            assert catalog.knows(A)
            before = await read_past_catalog(connection, basket, Asked(), NOON - timedelta(days=3))
            assert (before.knows(A), before.demand_hours) == (False, frozenset())
    finally:
        await database.close()


async def test_a_version_counts_from_its_own_instant_on(new_database_url: Callable[[], str]) -> None:
    database = await Database.open(new_database_url())
    try:
        async with database.transaction() as connection:
            first = await read_version(connection)
            await insert_rule(connection)
            second = await read_version(connection)
            counted = [await read_known_versions(connection, at) for at in (first - 1, first, second - 1, second)]
        assert counted == [(None, first), (first, first), (first, first), (second, first)]
    finally:
        await database.close()
