"""What is committed of products, customers and categories is held, whoever wrote it, in whatever order transactions end.

Source: docs/decisions/followed-catalog.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.new_ids import new_id
from quote_service.rulebook.snapshot.tables import catalog_rows
from tests.postgres.rows import change, insert_flag, insert_rule
from tests.rulebook.stored_catalog import Follower, add_price, add_product, move_price

MakeDatabase = Callable[[], str]
A, B = (str(UUID(int=number)) for number in (0xA, 0xB))
VARIANT, OTHER_VARIANT = (str(UUID(int=number)) for number in (0xC, 0xD))
CATEGORY, CHILD, SELLER = (str(UUID(int=number)) for number in (0x1, 0x2, 0x3))
CUSTOMER = str(UUID(int=0xE))

# In their order, each a transaction of a program that knows nothing of this service.
STEPS = [
    "UPDATE product_prices SET current_price = 12.345678 WHERE product_id = '{A}'",
    "UPDATE product_prices SET max_price = 9999999999999, base_price = 9999999999998.999999, "
    "current_price = 9999999999999 WHERE product_id = '{A}' AND currency = 'EUR'",
    "UPDATE product_prices SET cost_price = 3, min_price = 0.000001 WHERE product_id = '{A}'",
    "UPDATE product_prices SET cost_price = NULL, max_price = NULL WHERE product_id = '{A}'",
    "UPDATE products SET weight = 9999999999999.999999 WHERE id = '{A}'",
    "UPDATE products SET weight = NULL, tags = '{{new,\"a, \\\"b\\\"\"}}' WHERE id = '{A}'",
    "UPDATE products SET category_id = '{CHILD}', seller_id = '{SELLER}'",
    "UPDATE products SET is_active = false WHERE id = '{A}'",
    "INSERT INTO product_variants (id, product_id, sku, name, place) VALUES ('{VARIANT}', '{A}', 'v', 'red', 0)",
    "INSERT INTO product_prices (product_id, variant_id, currency, base_price, current_price, min_price, own) "
    "VALUES ('{A}', '{VARIANT}', 'EUR', 7, 7, 0, '{{base_price,current_price}}')",
    "UPDATE product_prices SET current_price = 5 WHERE item_id = '{VARIANT}'",
    "INSERT INTO product_variants (id, product_id, sku, name, place) VALUES ('{OTHER_VARIANT}', '{A}', 'w', 'blue', 1)",
    "DELETE FROM product_prices WHERE item_id = '{VARIANT}'",
    "UPDATE product_variants SET place = NULL WHERE id = '{VARIANT}'",
    "UPDATE product_variants SET place = 3 WHERE id = '{VARIANT}'",
    "DELETE FROM product_prices WHERE product_id = '{A}' AND currency = 'TRY'",
    "UPDATE product_prices SET current_price = 1; UPDATE products SET is_active = true",
]


@pytest.fixture
async def own_database(new_database_url: MakeDatabase) -> AsyncIterator[Database]:
    opened = await Database.open(new_database_url())
    yield opened
    await opened.close()


@pytest.fixture
async def follower(own_database: Database) -> Follower:
    async with own_database.transaction() as connection:
        await connection.execute(
            f"INSERT INTO categories (id, parent_id, name, created_by, created_at, changed_by, updated_at) VALUES"
            f" ('{CATEGORY}', NULL, 'all', 'test', now(), 'test', now()),"
            f" ('{CHILD}', '{CATEGORY}', 'shoes', 'test', now(), 'test', now());"
            f"INSERT INTO sellers (id, name, created_by, created_at, changed_by, updated_at)"
            f" VALUES ('{SELLER}', 'seller', 'test', now(), 'test', now())"
        )
        for product in (A, B):
            await add_product(connection, product)
        await add_price(connection, A, "20", "TRY")
    one = Follower(own_database)
    await one.refresh()
    return one


async def test_every_change_by_plain_sql_is_noticed_and_held(follower: Follower) -> None:
    assert await follower.differences() == []
    for step in STEPS:
        assert await follower.is_current()
        former = follower.catalog
        async with follower.database.transaction() as connection:
            await connection.execute(step.format(**globals()))
        assert not await follower.is_current(), step
        await follower.refresh()
        assert await follower.differences() == [], step
        assert former is not follower.catalog
        fresh = Follower(follower.database)
        await fresh.refresh()
        assert await fresh.differences() == [], step
        assert fresh.count() == follower.count()


async def test_a_product_without_a_price_is_known_and_one_that_comes_with_an_old_transaction_is_noticed(
    follower: Follower,
) -> None:
    product = new_id()
    async with follower.database.transaction() as connection:
        # As a restore of single rows writes it.
        await connection.execute(
            "INSERT INTO products (id, sku, name, created_by, created_at, changed_by, updated_at, changed_in)"
            " VALUES ($1::uuid, 'bare', 'shoe', 'test', now(), 'test', now(), '5'::xid8)",
            product,
        )
    await follower.refresh()
    assert follower.catalog.knows(product)
    assert follower.price(product) is None


async def test_a_transaction_that_began_earlier_and_commits_later_is_not_missed(follower: Follower) -> None:
    url_of = follower.database
    async with url_of.transaction() as endless:
        await endless.execute("SELECT pg_current_xact_id()")
        async with url_of.transaction() as late:
            await move_price(late, A, "11")
            for price in ("21", "22"):
                async with url_of.transaction() as early:
                    await move_price(early, B, price)
                await follower.refresh()
                assert (follower.price(A), follower.price(B)) == (10_000_000, int(price) * 10**6)
            assert await follower.is_current()
        assert not await follower.is_current()
        await follower.refresh()
        assert (follower.price(A), follower.price(B)) == (11_000_000, 22_000_000)
        # What has been taken in is not looked at again, however long the other one runs.
        assert await follower.is_current()
    assert await follower.is_current()


async def test_changes_that_are_rolled_back_leave_what_is_held(follower: Follower) -> None:
    former = follower.catalog
    async with follower.database.read() as connection:
        undone = connection.transaction()
        await undone.start()
        await move_price(connection, A, "99")
        await undone.rollback()
    assert await follower.is_current()
    await follower.refresh()
    assert follower.catalog is former


async def test_a_flag_and_a_price_of_one_transaction_are_seen_together(follower: Follower) -> None:
    database = follower.database
    async with database.transaction() as connection:
        flag = await insert_flag(connection, type="NUMBER", value=0)
        await move_price(connection, A, "0")
    ended = False

    async def write() -> None:
        nonlocal ended
        for rate in range(1, 60):
            async with database.transaction() as connection:
                await change(connection, "feature_flags", flag, value=rate)
                await move_price(connection, A, str(rate))
        ended = True

    writing = asyncio.create_task(write())
    seen = set[Any]()
    while not ended or not await follower.is_current():
        await follower.refresh()
        assert follower.holder.rulebook is not None
        value = int(str(follower.holder.rulebook.flags[flag].draft.value))
        assert follower.price(A) == value * 10**6
        seen.add(value)
    await writing
    await follower.refresh()
    assert len(seen) > 3


async def test_the_edition_rises_with_every_swap_and_the_version_with_rules_alone(follower: Follower) -> None:
    holder, database = follower.holder, follower.database
    version, edition = holder.version, holder.edition
    await follower.refresh()
    assert (holder.version, holder.edition) == (version, edition)
    async with database.transaction() as connection:
        await move_price(connection, A, "13")
    await follower.refresh()
    assert (holder.version, holder.edition) == (version, edition + 1)
    async with database.transaction() as connection:
        await insert_rule(connection)
    await follower.refresh()
    assert holder.version > version
    assert holder.edition == edition + 2
    assert follower.price(A) == 13_000_000


async def test_customers_and_the_category_tree_are_followed(follower: Follower) -> None:
    database = follower.database

    async def after(statement: str) -> Any:
        async with database.transaction() as connection:
            await connection.execute(statement)
        assert not await follower.is_current(), statement
        await follower.refresh()
        assert follower.holder.rulebook is not None
        return follower.holder.rulebook

    assert follower.catalog.parents == {CATEGORY: None, CHILD: CATEGORY}
    book = await after(
        "INSERT INTO customers (id, tier, segments, created_by, created_at, changed_by, updated_at)"
        f" VALUES ('{CUSTOMER}', 'gold', '{{b2b,vip}}', 'test', now(), 'test', now())"
    )
    assert book.customers.find(CUSTOMER) == ("gold", ("b2b", "vip"))
    assert (await after("UPDATE customers SET tier = NULL")).customers.find(CUSTOMER) == (None, ("b2b", "vip"))
    assert (await after("UPDATE customers SET is_active = false")).customers.find(CUSTOMER) is None
    assert (await after("UPDATE customers SET is_active = true")).customers.find(CUSTOMER) == (None, ("b2b", "vip"))
    fresh = Follower(database)
    await fresh.refresh()
    assert fresh.holder.rulebook is not None
    assert fresh.holder.rulebook.customers.find(CUSTOMER) == (None, ("b2b", "vip"))
    book = await after("UPDATE customers SET segments = '{}', is_active = false, erased_at = now()")
    assert book.customers.is_empty
    assert (await after(f"UPDATE categories SET parent_id = NULL WHERE id = '{CHILD}'")).catalog.parents[CHILD] is None
    assert (await after(f"DELETE FROM categories WHERE id = '{CHILD}'")).catalog.parents == {CATEGORY: None}


async def test_where_sellers_are_is_followed(follower: Follower) -> None:
    database = follower.database
    other = str(UUID(int=0x4))

    async def after(statement: str) -> Any:
        async with database.transaction() as connection:
            await connection.execute(statement)
        assert not await follower.is_current(), statement
        await follower.refresh()
        fresh = Follower(database)
        await fresh.refresh()
        assert fresh.catalog.seller_regions == follower.catalog.seller_regions
        return follower.catalog.seller_regions

    assert follower.catalog.seller_regions == {}
    assert await after(f"UPDATE sellers SET region = 'TR/Istanbul' WHERE id = '{SELLER}'") == {SELLER: "TR/Istanbul"}
    made = (
        "INSERT INTO sellers (id, name, region, created_by, created_at, changed_by, updated_at)"
        f" VALUES ('{other}', 'other', 'DE', 'test', now(), 'test', now())"
    )
    assert await after(made) == {SELLER: "TR/Istanbul", other: "DE"}
    # Written past the API: no quote may fail for it.
    assert await after(f"UPDATE sellers SET region = 'XX/Nowhere' WHERE id = '{other}'") == {SELLER: "TR/Istanbul"}
    assert await after(f"UPDATE sellers SET region = 'de' WHERE id = '{other}'") == {SELLER: "TR/Istanbul", other: "de"}
    assert await after(f"DELETE FROM sellers WHERE id = '{other}'") == {SELLER: "TR/Istanbul"}
    assert await after(f"UPDATE sellers SET region = NULL WHERE id = '{SELLER}'") == {}
    held = follower.catalog
    await after(f"UPDATE sellers SET name = 'renamed' WHERE id = '{SELLER}'; UPDATE products SET weight = 1")
    assert follower.catalog.seller_regions is held.seller_regions


async def test_many_changes_leave_the_event_loop_its_turns(follower: Follower, monkeypatch: pytest.MonkeyPatch) -> None:
    count = 5000
    async with follower.database.transaction() as connection:
        await connection.execute(
            "INSERT INTO products (id, sku, name, created_by, created_at, changed_by, updated_at)"
            " SELECT gen_random_uuid(), 'many-' || n, 'shoe', 'test', now(), 'test', now() FROM generate_series(1, $1::int) n",
            count,
        )
        await connection.execute(
            "INSERT INTO product_prices (product_id, currency, base_price, current_price, min_price)"
            " SELECT id, 'EUR', 5, 5, 0 FROM products WHERE sku LIKE 'many-%'"
        )
    taken: list[int] = []
    fetched = asyncpg.cursor.Cursor.fetch

    async def fetch(cursor: Any, *arguments: Any) -> Any:
        rows = await fetched(cursor, *arguments)
        taken.append(len(rows))
        return rows

    monkeypatch.setattr(asyncpg.cursor.Cursor, "fetch", fetch)
    await follower.refresh()
    assert follower.count() == count + 3
    assert max(taken) <= catalog_rows.CHUNK_ROWS
    assert sum(taken) >= count


async def test_rows_that_remain_of_a_longer_life_elsewhere_are_read_once(follower: Follower) -> None:
    # As a dump of another cluster brings them: the transaction that wrote them is yet to come here.
    async with follower.database.transaction() as connection:
        await connection.execute("ALTER TABLE products DISABLE TRIGGER USER")
        await connection.execute("UPDATE products SET changed_in = '4611686018427387904'::xid8")
        await connection.execute("ALTER TABLE products ENABLE TRIGGER USER")
    await follower.refresh()
    former = follower.catalog
    async with follower.database.transaction() as connection:
        await connection.execute("SELECT pg_current_xact_id()")
    assert await follower.is_current()
    await follower.refresh()
    assert follower.catalog is former
    async with follower.database.transaction() as connection:
        await move_price(connection, A, "14")
    assert not await follower.is_current()
    await follower.refresh()
    assert follower.price(A) == 14_000_000
