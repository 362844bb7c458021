"""Whatever happens while sales are counted, each is counted once.

Source: docs/spec/analytics.md#orders.
"""

from __future__ import annotations

import asyncio
from uuid import UUID

import asyncpg

from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.errors import Unavailable
from quote_service.steering.analytics.operations.check_rollups import check_rollups
from quote_service.steering.analytics.operations.count_sales import SOURCE, count_sales, recount
from quote_service.steering.analytics.tables.folds import try_lock_fold
from quote_service.steering.analytics.tables.sales import read_facts, take_uncounted
from tests.analytics.sold_month import ZONE, SoldMonth
from tests.conftest import MakeDatabase, eventually

CONTENT = "SELECT md5(string_agg(a::text, ' ' ORDER BY cube, grain, period, key_a, key_b, currency, hour)) FROM analytics_orders AS a"


async def count_all(database: Database, limit: int = 50) -> None:
    while await count_sales(database, ZONE, limit=limit):
        pass


async def content(connection: Connection) -> str:
    return str(await connection.fetchval(CONTENT))


async def waiting(database: Database) -> int:
    async with database.read() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM analytics_uncounted"))


async def test_a_counter_that_dies_has_counted_nothing(database: Database) -> None:
    await SoldMonth(3).play(database, 4)
    before = await waiting(database)
    assert before > 4
    try:
        async with database.transaction() as connection:
            sources = await take_uncounted(connection, 100)
            facts = await read_facts(connection, sources)
            # What counts by the issue of its quote alone is no source.
            assert len([fact for fact in facts if len(fact.figures) > 1]) == len(sources) == before
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    except (Unavailable, asyncpg.PostgresError):
        pass
    assert await waiting(database) == before
    await count_all(database)
    assert await waiting(database) == 0
    assert (await check_rollups(database)).findings == []


async def test_many_count_at_once_while_others_sell(new_database_url: MakeDatabase) -> None:
    url = new_database_url()
    databases = [await Database.open(url) for _ in range(4)]
    is_over = False

    async def count(database: Database) -> None:
        while not is_over or await waiting(database):
            await count_sales(database, ZONE, limit=3)

    counters = [asyncio.create_task(count(database)) for database in databases[:2]]
    await asyncio.gather(*(SoldMonth(20 + place).play(databases[2 + place], 8) for place in range(2)))
    is_over = True
    await asyncio.gather(*counters)
    found = await check_rollups(databases[0])
    for database in databases:
        await database.close()
    assert (found.findings, found.waiting) == ([], 0)
    assert found.hours > 10


async def test_a_transaction_that_commits_late_is_counted_too(new_database_url: MakeDatabase) -> None:
    database = await Database.open(new_database_url())
    month = SoldMonth(8)
    async with database.transaction() as connection:
        late = await month.accept(connection, month.instant_us())
        await month.play(database, 2)
        await count_all(database)
    async with database.read() as connection:
        taken = await connection.fetch("SELECT kind, source_id FROM analytics_uncounted")
        assert [tuple(row) for row in taken] == [("quote", late)]
    await count_all(database)
    assert (await check_rollups(database)).findings == []
    await database.close()


async def test_everything_is_counted_anew_while_others_sell(new_database_url: MakeDatabase) -> None:
    url = new_database_url()
    database = await Database.open(url)
    month = SoldMonth(9)
    await month.play(database, 6)
    await count_all(database)
    async with database.read() as connection:
        before = await content(connection)
    async with database.transaction() as connection:
        assert await try_lock_fold(connection, SOURCE)
        await recount(connection)
    assert await waiting(database) > 6
    await count_all(database)
    async with database.read() as connection:
        assert await content(connection) == before
    # One sale is under way when all is counted again, and one has not been counted.
    await month.play(database, 1)
    async with database.transaction() as selling:
        await month.accept(selling, month.instant_us())
        async with database.transaction() as connection:
            assert await try_lock_fold(connection, SOURCE)
            await recount(connection)
    await count_all(database)
    found = await check_rollups(database)
    assert (found.findings, found.waiting) == ([], 0)
    await database.close()


async def test_only_one_counts_at_a_time(new_database_url: MakeDatabase) -> None:
    database = await Database.open(new_database_url())
    await SoldMonth(4).play(database, 1)
    async with database.transaction() as connection:
        assert await try_lock_fold(connection, SOURCE)
        assert await count_sales(database, ZONE) == 0
    await eventually(lambda: _counts(database), "it is counted")
    await database.close()


async def _counts(database: Database) -> bool:
    return await count_sales(database, ZONE) > 0


async def test_figures_outlast_the_customer(new_database_url: MakeDatabase) -> None:
    """A sale stays where it was counted; what is counted of it after the erasure has no place."""
    database = await Database.open(new_database_url())
    month = SoldMonth(2)
    orders: list[UUID] = []
    while not orders:
        orders = await month.play(database, 1)
    await count_all(database)
    async with database.read() as connection:
        before = await content(connection)
        await connection.execute(
            """INSERT INTO customers (id, is_active, created_by, created_at, changed_by, updated_at, erased_at)
            SELECT customer_id, false, 'x', now(), 'x', now(), now() FROM accepted_quotes WHERE customer_id IS NOT NULL"""
        )
        await connection.execute("UPDATE accepted_quotes SET customer_id = NULL WHERE customer_id IS NOT NULL")
        assert await connection.fetchval("SELECT count(request) FROM accepted_quotes") == 0
    await count_all(database)
    async with database.read() as connection:
        assert await content(connection) == before
    assert (await check_rollups(database)).findings == []
    async with database.transaction() as connection:
        assert await try_lock_fold(connection, SOURCE)
        await recount(connection)
    await count_all(database)
    assert (await check_rollups(database)).findings == []
    async with database.read() as connection:
        assert await connection.fetchval("SELECT max(key_a) FROM analytics_orders WHERE cube = 'region'") == ""
    await database.close()
