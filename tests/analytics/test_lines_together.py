"""What lines come to together, beside what they come to by category. Source: docs/spec/analytics.md#rollups."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from quote_service.platform.postgres.pool import Connection, Database
from quote_service.steering.analytics.model.cubes import LINES
from quote_service.steering.analytics.model.rollup_tables import ROLLUP_TABLES
from quote_service.steering.analytics.operations.cluster_days import cluster_days
from quote_service.steering.analytics.operations.fold_quotes import fold_quotes
from quote_service.steering.analytics.operations.rebuild_rollups import rebuild_rollups
from quote_service.steering.analytics.tables.checks import find_breakages
from quote_service.steering.analytics.tables.rollups import add_rollups
from tests.analytics.history import NOW, ZONE, make_history, write_history
from tests.analytics.minutes import MINUTE, minute_row, put_minutes
from tests.conftest import PATIENCE_SECONDS, MakeDatabase


@pytest.fixture
async def books(new_database_url: MakeDatabase) -> AsyncIterator[Database]:
    opened = await Database.open(new_database_url(), statement_seconds=PATIENCE_SECONDS)
    yield opened
    await opened.close()


async def differing(connection: Connection) -> dict[str, list[asyncpg.Record]]:
    """Rows of lines that are not what the categories of their period add up to."""
    found = {}
    for table in ROLLUP_TABLES:
        sums = ", ".join(f"sum({figure})::bigint" for figure in table.figures)
        of_lines, of_categories = (
            f"SELECT grain, period, hour, currency, {sums} FROM {table.name} WHERE cube = '{cube}' GROUP BY 1, 2, 3, 4"
            for cube in (LINES, "category")
        )
        found[table.name] = await connection.fetch(
            f"({of_lines} EXCEPT {of_categories}) UNION ALL ({of_categories} EXCEPT {of_lines})"
        )
    return found


@pytest.mark.long("rebuilds and compares all rollups twice")
async def test_lines_are_what_their_categories_add_up_to_whatever_is_written(books: Database) -> None:
    await write_history(books, make_history(9, 120))
    await put_minutes(books, minute_row(minute=MINUTE, is_line=True, category="c", lines=3, gross_minor=4 * 10**18))
    while await fold_quotes(books, ZONE.key):
        pass
    while await cluster_days(books, NOW):
        pass
    for _ in range(2):
        async with books.read() as connection:
            assert await connection.fetchval("SELECT count(*) FROM analytics_orders WHERE cube = 'lines'") > 100
            assert await differing(connection) == {table.name: [] for table in ROLLUP_TABLES}
            findings = (await find_breakages(connection, 5)).findings
            assert not [each for each in findings if each.check in ("ranks", "grains")]
        await rebuild_rollups(books, "Europe/Istanbul")


async def test_what_is_taken_back_of_a_category_is_taken_back_of_all(books: Database) -> None:
    sold = """SELECT 'category' AS cube, $2::timestamptz AS minute, 'EUR' AS currency, of.key AS key_a, '' AS key_b,
        of.units, of.total AS total_minor FROM unnest($3::text[], $4::bigint[], $5::bigint[]) AS of (key, units, total)"""
    async with books.transaction() as connection:
        for keys, units, totals in ((["a", "b"], [3, 4], [30, 40]), (["a"], [-3], [-30]), (["b", "c"], [1, 1], [5, 6])):
            await add_rollups(
                connection, "analytics_orders", ["units", "total_minor"], sold, "UTC", MINUTE, keys, units, totals
            )
        rows = await connection.fetch(
            "SELECT grain, units, total_minor FROM analytics_orders WHERE cube = 'lines' ORDER BY 1"
        )
        assert [tuple(row) for row in rows] == [(grain, 6, 51) for grain in ("day", "hour", "month", "month_hour")]
        assert await differing(connection) == {table.name: [] for table in ROLLUP_TABLES}
