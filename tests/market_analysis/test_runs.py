"""Runs of the analysis over a database: right, again, and after whatever ended them. Source: docs/spec/market-analysis.md#runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from quote_service.intelligence.competitors.operations.compare_prices import doubt_observation
from quote_service.intelligence.market_analysis.model.calendar import calendar_until, day_of_number
from quote_service.intelligence.market_analysis.model.due import LOST_MAX, LastRuns, due_scope
from quote_service.intelligence.market_analysis.model.runs import HISTORY_DAYS, RECENT_DAYS, input_days
from quote_service.intelligence.market_analysis.operations.last_analysis import last_analysis
from quote_service.intelligence.market_analysis.operations.read_market import read_days, read_runs, read_trends
from quote_service.intelligence.market_analysis.operations.run_analysis import Analysed, run_analysis
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.instants import from_micros
from tests.conftest import MakeDatabase, eventually
from tests.market_analysis.plain_analysis import Rows, plain_analysis
from tests.market_analysis.random_market import BERLIN, COMPETITORS, DAY_US, NOW_US, Market, draw_market
from tests.market_analysis.stored_market import (
    TERMS,
    days_before,
    store_listing,
    store_market,
    store_observation,
    store_product,
    store_source,
    stored_results,
)

PRODUCTS = 12


@pytest.fixture
async def database(new_database_url: MakeDatabase) -> AsyncIterator[Database]:
    """A database of each test's own: a run is of everything that is there."""
    opened = await Database.open(new_database_url(), acquire_seconds=60, statement_seconds=60, lock_seconds=60)
    yield opened
    await opened.close()


def with_days(market: Market, days: int) -> Market:
    return market._replace(calendar=calendar_until(NOW_US, BERLIN, days))


def in_order(rows: Rows) -> Rows:
    return sorted(rows, key=lambda row: tuple(str(value) for value in row[:5]))


@pytest.mark.long("whole runs of the analysis, and the same by hand")
async def test_a_run_stores_what_plain_arithmetic_gives(database: Database) -> None:
    """The whole history first; what is worked out again later, of the last days, is the same."""
    market = draw_market(7, PRODUCTS)
    await store_market(database, market, PRODUCTS)
    first = await run_analysis(database, TERMS, "all", NOW_US)
    whole = with_days(market, input_days(HISTORY_DAYS))
    expected = plain_analysis(whole, whole.calendar.last - HISTORY_DAYS + 1)
    stored = await stored_results(database)
    for name, rows in expected.items():
        assert in_order(stored[name]) == in_order(rows), name
    assert first.products == PRODUCTS
    assert first.written == sum(len(rows) for rows in expected.values())

    again = await run_analysis(database, TERMS, "all", NOW_US)
    assert again.products == PRODUCTS
    assert again.written < first.written
    for name, rows in (await stored_results(database)).items():
        assert in_order(rows) == in_order(stored[name]), name
    async with database.read() as connection:
        newest, before = await read_runs(connection, 10)
        totals = await connection.fetch(
            "SELECT t.prices, (SELECT sum(prices) FROM market_distribution AS d WHERE d.kind = t.kind AND d.key = t.key "
            "AND d.currency = t.currency) AS added FROM market_totals AS t"
        )
    assert (newest.scope, newest.status, newest.products, newest.written) == ("all", "done", *again[1:])
    assert (before.scope, before.status, before.day) == ("all", "done", day_of_number(whole.calendar.last))
    assert totals
    assert all(row["prices"] == row["added"] for row in totals)


@pytest.mark.long("whole runs of the analysis")
async def test_only_what_changed_is_worked_out_again(database: Database) -> None:
    products = [f"00000000-0000-7000-8000-{number:012d}" for number in range(3)]
    async with database.transaction() as connection:
        for product in products:
            await store_product(connection, product)
    await run_analysis(database, TERMS, "all")
    async with database.transaction() as connection:
        # Long enough ago for nothing of it to be within the overlap.
        await connection.execute("UPDATE market_runs SET started_at = started_at + interval '1 hour'")
        await connection.execute("UPDATE market_products SET analysed_at = '2020-01-01'")
        await connection.execute(
            "INSERT INTO price_history (product_id, currency, new_price, reason, actor, at) "
            "VALUES ($1, 'EUR', 5, 'manual', 'test', now() + interval '2 hours')",
            UUID(products[1]),
        )
    assert (await run_analysis(database, TERMS, "changed")).products == 1
    async with database.read() as connection:
        repeated = await connection.fetch(
            "SELECT product_id::text FROM market_products WHERE analysed_at > '2021-01-01'"
        )
    assert [row[0] for row in repeated] == [products[1]]


@pytest.mark.long("whole runs of the analysis")
async def test_a_doubt_that_comes_late_is_worked_out_with_the_next_run(database: Database) -> None:
    product, listing = "00000000-0000-7000-8000-000000000001", "00000000-0000-7000-9000-000000000001"
    async with database.transaction() as connection:
        await store_product(connection, product)
        await connection.execute(
            "INSERT INTO competitors (id, name, created_by, created_at, changed_by, updated_at) "
            "VALUES ($1, 'Rival', 'test', now(), 'test', now())",
            UUID(COMPETITORS[0]),
        )
        source = await store_source(connection, COMPETITORS[0], DAY_US, "https://rival.example/p")
        await store_listing(connection, listing, source, COMPETITORS[0], product, "https://rival.example/p")
        odd = await store_observation(connection, listing, days_before(NOW_US, 1), Decimal(2))
        await connection.execute(
            "UPDATE competitor_observations SET received_at = '2020-01-01'; UPDATE competitor_listings SET updated_at = '2020-01-01'"
        )
    await run_analysis(database, TERMS, "all", NOW_US)
    day = day_of_number(calendar_until(NOW_US, BERLIN, 1).last)

    async def lowest() -> Decimal | None:
        async with database.read() as connection:
            days = await read_days(connection, [UUID(product)], day - timedelta(days=3), day)
        return min((row["rival_low"] for row in days if row["rival_low"] is not None), default=None)

    assert await lowest() == 2
    assert (await run_analysis(database, TERMS, "changed", NOW_US)).products == 0
    for reason, price in (("price_anomaly", None), (None, 2)):
        async with database.transaction() as connection:
            assert await doubt_observation(connection, odd, reason)
        assert (await run_analysis(database, TERMS, "changed", NOW_US)).products == 1
        assert await lowest() == price


async def test_what_cannot_be_compared_is_no_price(database: Database) -> None:
    """Packs are divided; what is doubted never was; what is sold out or used ends the price before it; what is old ends too."""
    product = "00000000-0000-7000-8000-000000000001"
    names = ["packs", "doubted", "sold_out", "used", "old", "confirmed"]
    listings = {name: f"00000000-0000-7000-9000-{number:012d}" for number, name in enumerate(names)}
    async with database.transaction() as connection:
        await store_product(connection, product)
        await connection.execute(
            "INSERT INTO competitors (id, name, created_by, created_at, changed_by, updated_at) "
            "VALUES ($1, 'Rival', 'test', now(), 'test', now())",
            UUID(COMPETITORS[0]),
        )
        for name, listing in listings.items():
            source = await store_source(connection, COMPETITORS[0], DAY_US, "https://rival.example/p")
            units = Decimal(6) if name == "packs" else Decimal(1)
            await store_listing(connection, listing, source, COMPETITORS[0], product, "https://rival.example/p", units)
        today, before = days_before(NOW_US, 0.01), days_before(NOW_US, 10)
        await store_observation(connection, listings["packs"], today, Decimal("5.99"))
        await store_observation(connection, listings["doubted"], days_before(NOW_US, 1), Decimal(20))
        await store_observation(connection, listings["doubted"], today, Decimal(2), doubted_reason="price_anomaly")
        await store_observation(connection, listings["sold_out"], days_before(NOW_US, 1), Decimal(30))
        await store_observation(connection, listings["sold_out"], today, None)
        await store_observation(connection, listings["used"], days_before(NOW_US, 1), Decimal(40))
        await store_observation(connection, listings["used"], today, Decimal(4), condition="used")
        await store_observation(connection, listings["old"], before, Decimal(50))
        confirmed = await store_observation(connection, listings["confirmed"], before, Decimal(60))
        await connection.execute(
            "INSERT INTO competitor_offers (listing_id, observation_id, recorded_at, observed_at, confirmed_at, content, "
            "currency, price, availability, condition) VALUES ($1, $2, $3, $3, $4, '', 'EUR', 60, 'in_stock', 'new')",
            UUID(listings["confirmed"]),
            confirmed,
            before,
            today,
        )
    await run_analysis(database, TERMS, "whole", NOW_US)
    day = day_of_number(calendar_until(NOW_US, BERLIN, 1).last)
    async with database.read() as connection:
        (row,) = await read_days(connection, [UUID(product)], day, day)
        trends = await read_trends(connection, UUID(product), day - timedelta(days=30), day, "EUR")
    assert (row["rivals"], row["rival_low"], row["rival_median"], row["rival_high"]) == (
        3,
        Decimal("0.998333"),
        Decimal(20),
        Decimal(60),
    )
    assert row["price_close"] is None
    (euros,) = trends.currencies
    by_day = {reported.day: reported for reported in euros.days}
    eve = by_day[day - timedelta(days=1)]
    assert eve.price is None
    assert eve.competitors is not None
    assert (eve.competitors.listings, eve.competitors.high) == (4, Decimal(60))
    # `old` was last seen ten days ago, and counts for two days from then on.
    old_days = [reported.day for reported in euros.days if reported.competitors and reported.competitors.listings == 2]
    assert old_days == [day - timedelta(days=back) for back in (10, 9)]


async def test_one_run_is_at_it_at_a_time_and_a_dead_one_is_begun_again(database: Database) -> None:
    async with database.transaction() as connection:
        await store_product(connection, "00000000-0000-7000-8000-000000000001")
        await connection.execute(
            "INSERT INTO market_runs (id, scope, engine, status, started_at, lease_until, day) VALUES "
            "(gen_random_uuid(), 'all', 'duckdb', 'running', now(), now() + interval '1 hour', current_date)"
        )
        assert (await last_analysis(connection)).is_running
    assert await run_analysis(database, TERMS, "all") == Analysed(None)
    async with database.transaction() as connection:
        await connection.execute("UPDATE market_runs SET lease_until = now() - interval '1 second'")
        last = await last_analysis(connection)
    assert (last.is_running, last.lost, last.tried_at) == (False, 1, None)
    assert (await run_analysis(database, TERMS, "all")).products == 1
    async with database.read() as connection:
        assert [run.status for run in await read_runs(connection, 10)] == ["done", "lost"]


async def test_a_run_that_was_taken_away_writes_nothing(database: Database) -> None:
    """Its process hung for longer than its lease, another one took over, and it goes on."""
    market = draw_market(7, PRODUCTS)
    await store_market(database, market, PRODUCTS)

    async def waits() -> bool:
        async with database.read() as reader:
            return bool(
                await reader.fetchval(
                    "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = "
                    "(SELECT oid FROM pg_database WHERE datname = current_database())"
                )
            )

    async with database.transaction() as connection:
        await connection.execute("LOCK TABLE market_products IN ACCESS EXCLUSIVE MODE")
        run = asyncio.create_task(run_analysis(database, TERMS, "all", NOW_US))
        await eventually(waits, "the run reads which products are known")
        await connection.execute("UPDATE market_runs SET status = 'lost', finished_at = now()")
    assert (await run).written == 0
    assert await stored_results(database) == {"days": [], "distribution": [], "volatility": []}


def test_when_a_run_is_due() -> None:
    now, interval = from_micros(NOW_US), timedelta(minutes=15)
    today = now.date()
    nothing = LastRuns(None, None, None, None, 0, False)
    assert due_scope(nothing, now, today, interval) == "all"
    assert due_scope(nothing._replace(is_running=True), now, today, interval) is None
    done = nothing._replace(started_at=now - interval, tried_at=now - interval, all_day=today)
    assert due_scope(done, now, today, interval) == "changed"
    assert due_scope(done, now - timedelta(seconds=1), today, interval) is None
    assert due_scope(done, now, today + timedelta(days=1), interval) == "all"
    # A run whose process was killed is begun again at once; one that kills its process again and again is not.
    recently = done._replace(tried_at=now, lost_at=now, lost=LOST_MAX)
    assert due_scope(recently, now, today, interval) == "changed"
    assert due_scope(recently._replace(lost=LOST_MAX + 1), now, today, interval) is None


def test_input_days_reach_as_far_back_as_figures_do() -> None:
    assert input_days(RECENT_DAYS) > 90
    assert input_days(HISTORY_DAYS) >= HISTORY_DAYS + 30
