"""Days that lie by key: nothing but where rows lie changes. Source: docs/spec/analytics.md#rollups."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from quote_service.platform.postgres.pool import Database
from quote_service.steering.analytics.model.rollup_tables import ORDER_RANKS, ORDERS, QUOTE_RANKS, QUOTES
from quote_service.steering.analytics.operations.cluster_days import SETTLED_AFTER, cluster_days
from quote_service.steering.analytics.operations.fold_quotes import fold_quotes
from quote_service.steering.analytics.operations.rebuild_rollups import rebuild_rollups
from quote_service.steering.analytics.tables.checks import find_breakages
from quote_service.steering.analytics.tables.folds import try_lock_fold
from tests.analytics.history import NOW, ZONE, make_history, write_history
from tests.analytics.minutes import minute_row, put_minutes
from tests.conftest import PATIENCE_SECONDS, MakeDatabase

pytestmark = pytest.mark.long("folds three weeks day by day and clusters them")

FIRST = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND_WEEK = datetime(2026, 3, 8, tzinfo=UTC)


@pytest.fixture
async def books(new_database_url: MakeDatabase) -> AsyncIterator[Database]:
    opened = await Database.open(new_database_url(), statement_seconds=PATIENCE_SECONDS)
    yield opened
    await opened.close()


async def cluster_all(database: Database, now: datetime, rows_max: int = 10**6) -> int:
    moved = 0
    while await cluster_days(database, now, rows_max):
        moved += 1
    return moved


async def all_rows(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    async with database.read() as connection:
        return {
            table: sorted(tuple(row) for row in await connection.fetch(f"SELECT * FROM {table}"))
            for table in (QUOTES.name, ORDERS.name, QUOTE_RANKS, ORDER_RANKS)
        }


async def days_of_regions(database: Database, keys: int = 60) -> None:
    """Three weeks, each day folded by itself."""
    for day in range(22):
        at = FIRST + timedelta(days=day)
        await put_minutes(
            database, *(minute_row(minute=at, region=f"TR/{key}", lines=day + key + 1) for key in range(keys))
        )
        while await fold_quotes(database, "UTC"):
            pass


async def places(database: Database, begin: datetime, end: datetime) -> dict[str, list[int]]:
    """The pages that the days of each region lie on."""
    async with database.read() as connection:
        rows = await connection.fetch(
            """SELECT key_a, array_agg(DISTINCT (ctid::text::point)[0]::integer) AS pages FROM analytics_quotes
            WHERE cube = 'region' AND grain = 'day' AND period >= $1 AND period < $2 GROUP BY 1""",
            begin,
            end,
        )
    return {row["key_a"]: row["pages"] for row in rows}


async def test_a_week_of_a_key_lies_together_and_no_figure_changes(books: Database) -> None:
    await write_history(books, make_history(5, 300))
    before = await all_rows(books)
    assert await cluster_all(books, NOW) > 20
    assert await all_rows(books) == before
    async with books.read() as connection:
        assert not [each for each in (await find_breakages(connection, 5)).findings if each.check == "ranks"]


async def test_days_of_a_key_lie_on_fewer_pages_once_their_week_is_over(books: Database) -> None:
    await days_of_regions(books)
    scattered = await places(books, FIRST - timedelta(days=1), SECOND_WEEK)
    later = await places(books, SECOND_WEEK, FIRST + timedelta(days=30))
    await cluster_all(books, SECOND_WEEK + SETTLED_AFTER - timedelta(seconds=1))
    assert await places(books, FIRST - timedelta(days=1), SECOND_WEEK) == scattered
    await cluster_all(books, SECOND_WEEK + SETTLED_AFTER)
    together = await places(books, FIRST - timedelta(days=1), SECOND_WEEK)
    assert together.keys() == scattered.keys()
    assert sum(map(len, together.values())) * 2 < sum(map(len, scattered.values()))
    assert await places(books, SECOND_WEEK, FIRST + timedelta(days=30)) == later


async def test_what_comes_late_is_added_to_a_day_that_was_moved(books: Database) -> None:
    await days_of_regions(books, keys=3)
    assert await cluster_all(books, FIRST + timedelta(days=60))
    await put_minutes(
        books, minute_row(minute=FIRST, region="TR/1", lines=100), minute_row(minute=FIRST, region="TR/9", lines=7)
    )
    await fold_quotes(books, "UTC")
    async with books.read() as connection:
        rows = await connection.fetch(
            "SELECT key_a, lines FROM analytics_quotes WHERE cube = 'region' AND grain = 'day' AND period = $1 ORDER BY 1",
            FIRST.replace(hour=0),
        )
        assert not [
            each for each in (await find_breakages(connection, 5)).findings if each.check in ("ranks", "grains")
        ]
    assert [tuple(row) for row in rows] == [("TR/0", 1), ("TR/1", 102), ("TR/2", 3), ("TR/9", 7)]
    assert not await cluster_days(books, FIRST + timedelta(days=60))


async def test_nothing_is_moved_while_another_one_folds(books: Database) -> None:
    await days_of_regions(books)
    scattered = await places(books, FIRST, SECOND_WEEK)
    async with books.transaction() as connection:
        assert await try_lock_fold(connection, QUOTES.source)
        assert not await cluster_days(books, FIRST + timedelta(days=60))
    assert await places(books, FIRST, SECOND_WEEK) == scattered
    assert await cluster_days(books, FIRST + timedelta(days=60))


async def test_a_week_of_very_many_rows_stays_and_later_ones_are_looked_at(books: Database) -> None:
    await days_of_regions(books)
    whole = FIRST - timedelta(days=1), FIRST + timedelta(days=30)
    scattered = await places(books, *whole)
    assert await cluster_all(books, FIRST + timedelta(days=60), rows_max=60)
    assert await places(books, *whole) == scattered


async def test_days_that_are_made_anew_are_moved_again(books: Database) -> None:
    await write_history(books, make_history(6, 60))
    assert await cluster_all(books, NOW)
    assert not await cluster_days(books, NOW)
    await rebuild_rollups(books, ZONE.key)
    before = await all_rows(books)
    assert await cluster_all(books, NOW)
    assert await all_rows(books) == before
