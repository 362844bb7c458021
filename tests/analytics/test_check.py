"""The check finds figures that are not those of the orders, and commands say so.

Source: docs/spec/analytics.md#check.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from quote_service.platform.postgres.pool import Database
from quote_service.steering.analytics.model.cubes import Dimension
from quote_service.steering.analytics.model.findings import CHECKS
from quote_service.steering.analytics.model.reports.commission import FIGURES
from quote_service.steering.analytics.model.reports.dimensions import GroupBy
from quote_service.steering.analytics.model.reports.pieces import Zones
from quote_service.steering.analytics.model.reports.query import ReportQuery
from quote_service.steering.analytics.model.sales.ranks import COMMISSION
from quote_service.steering.analytics.operations.check_rollups import check_rollups
from quote_service.steering.analytics.operations.count_sales import count_sales
from quote_service.steering.analytics.operations.gather_report import added, gather_report
from quote_service.steering.analytics.operations.rebuild_rollups import rebuild_rollups
from quote_service.steering.analytics.operations.report_commission import ORDERS
from quote_service.steering.analytics.tables.checks import find_breakages
from tests.analytics.sold_month import ZONE, SoldMonth
from tests.conftest import PATIENCE_SECONDS
from tests.fixtures.environment import service_environment
from tests.test_specification import first_column

PROJECT = Path(__file__).parents[2]
# What is done in a transaction that is rolled back, and which checks find it.
BREAKAGES: dict[str, tuple[str, set[str]]] = {
    "a trigger is off": ("ALTER TABLE orders DISABLE TRIGGER count_later", {"trigger"}),
    "a trigger is gone": ("DROP TRIGGER count_later ON accepted_quotes", {"trigger"}),
    "a quote is counted twice": (
        "UPDATE analytics_orders SET accepted = 2 * accepted, accepted_total_minor = 2 * accepted_total_minor",
        {"accepted", "ranks", "quarters"},
    ),
    "an order is counted twice": (
        "UPDATE analytics_orders SET orders = orders + 1 WHERE cube = '' AND orders > 0",
        {"orders", "grains", "ranks", "quarters"},
    ),
    "an order is not counted": ("DELETE FROM orders WHERE id = (SELECT max(id::text)::uuid FROM orders)", {"orders"}),
    "a refund is not counted": (
        "UPDATE analytics_orders SET refunds = refunds - 1 WHERE cube = '' AND refunds > 0",
        {"refunds"},
    ),
    "commission is more than was posted": (
        "UPDATE analytics_orders SET seller_commission_minor = seller_commission_minor + 1 WHERE cube = 'seller'"
        " AND grain = 'month'",
        {"ledger", "ranks"},
    ),
    "a cube lacks a key": (
        "DELETE FROM analytics_orders WHERE cube = 'region+category' AND units > 0 AND grain = 'day'",
        {"cubes", "grains", "ranks"},
    ),
    "an hour is lost": (
        "DELETE FROM analytics_orders WHERE cube = '' AND grain = 'hour' AND total_minor > 0",
        {"grains", "quarters"},
    ),
    "a quarter of an hour is lost": (
        "DELETE FROM analytics_order_quarter_hours WHERE cube = 'lines' AND total_minor > 0",
        {"quarters"},
    ),
    "an hour of the day is lost": (
        "DELETE FROM analytics_orders WHERE cube = 'tier' AND grain = 'month_hour' AND hour = 13",
        {"grains"},
    ),
    "a week is sorted by other figures": (
        "UPDATE analytics_order_ranks SET total_minor = total_minor + 1 WHERE grain = 'week' AND cube = 'product'",
        {"ranks"},
    ),
    "a quarter is sorted by other figures": (
        "UPDATE analytics_order_ranks SET units = units + 1 WHERE grain = 'quarter' AND cube = 'region+seller'",
        {"ranks"},
    ),
    "what is sorted by was never quoted": (
        "INSERT INTO analytics_quote_ranks VALUES ('seller', 'day', '2020-01-01T00:00:00Z', 'TRY', 'x', '', 0, 1, 5)",
        {"ranks"},
    ),
    "a quote is compared that nobody accepted": (
        "INSERT INTO honoured_quotes VALUES ('2020-01-01T00:15:00Z', 'TRY', 1, 0, 0, 0, 0, 0, 0, 0)",
        {"honoured"},
    ),
    "a difference is made by nothing that differs": (
        "INSERT INTO honoured_effects VALUES ('2020-01-01T00:15:00Z', 'TRY', 'rule', 'fee', 1, 0, 5)",
        {"honoured"},
    ),
    "a day is not what its quarters are": (
        "INSERT INTO honoured_quote_days VALUES ('2020-01-01T00:00:00Z', 'TRY', 1, 0, 0, 0, 0, 0, 0, 0)",
        {"honoured"},
    ),
    "a change made another difference by the day": (
        "INSERT INTO honoured_effect_days VALUES ('2020-01-01T00:00:00Z', 'TRY', 'rule', 'fee', 1, 0, 0)",
        {"honoured"},
    ),
    "nothing is compared any more": ("ALTER TABLE accepted_quotes DISABLE TRIGGER keep_unchecked", {"honoured"}),
}


@pytest.fixture(scope="module")
def counted(database_url: str) -> str:
    """A database with a month, counted."""

    async def play() -> None:
        database = await Database.open(database_url, statement_seconds=PATIENCE_SECONDS)
        month = SoldMonth(5)
        await month.purchase(database)
        await month.play(database, 25)
        while await count_sales(database, ZONE):
            pass
        await database.close()

    asyncio.run(play())
    return database_url


async def findings_in(url: str, statement: str) -> list[tuple[str, str]]:
    """What the check finds after a statement that is undone again."""

    connection = await asyncpg.connect(url)
    try:
        transaction = connection.transaction()
        await transaction.start()
        if statement:
            await connection.execute("SET LOCAL session_replication_role = replica")
            await connection.execute(statement)
        found = await find_breakages(connection, 20)
        await transaction.rollback()
    finally:
        await connection.close()
    return [(finding.check, finding.detail) for finding in found.findings]


async def test_a_month_that_is_counted_holds(counted: str) -> None:
    database = await Database.open(counted, statement_seconds=PATIENCE_SECONDS)
    found = await check_rollups(database)
    await database.close()
    assert found.findings == []
    assert found.hours > 50
    assert found.waiting == 0


async def test_a_month_holds_by_the_days_of_another_zone(counted: str) -> None:
    database = await Database.open(counted, statement_seconds=PATIENCE_SECONDS)
    try:
        for zone in ("America/New_York", ZONE):
            await rebuild_rollups(database, zone)
            assert (await check_rollups(database)).findings == []
    finally:
        await database.close()


@pytest.mark.parametrize("name", BREAKAGES)
async def test_each_breakage_is_found(counted: str, name: str) -> None:
    statement, wanted = BREAKAGES[name]
    found = await findings_in(counted, statement)
    assert {check for check, _ in found} == wanted, found


def test_every_check_finds_something() -> None:
    assert {check for _, checks in BREAKAGES.values() for check in checks} == CHECKS.keys()


def test_the_page_names_every_check() -> None:
    assert first_column("analytics.md", "Check") == CHECKS.keys()


def test_the_command_says_what_holds(counted: str) -> None:
    output = run_check(counted)
    assert output.returncode == 0, output.stderr
    _, *lines = output.stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [[name, "holds"] for name in CHECKS]
    document = json.loads(run_check(counted, "--json").stdout)
    assert (document["holds"], document["waiting"], document["findings"]) == (True, 0, [])


def run_check(url: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "quote_service", "analytics", "check", *options],
        cwd=PROJECT,
        env=service_environment({"DATABASE_URL": url}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


async def test_totals_over_sellers_are_those_of_all_sellers(counted: str) -> None:
    database = await Database.open(counted, statement_seconds=PATIENCE_SECONDS)
    begin, end = datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
    try:
        async with database.snapshot() as connection:
            region = await connection.fetchval(
                "SELECT key_a FROM analytics_orders WHERE cube = 'region' ORDER BY orders DESC"
            )
            wanted: tuple[Mapping[Dimension, str], ...] = ({}, {"region": region})
            grouped: tuple[tuple[GroupBy, ...], ...] = (("seller",), ("day", "seller"))
            for filters in wanted:
                for group_by in grouped:
                    query = ReportQuery(begin, end, is_open=False, group_by=group_by, filters=filters, limit=1000)
                    blocks = await gather_report(
                        connection,
                        query,
                        Zones(ZoneInfo(ZONE), ZoneInfo(ZONE)),
                        ORDERS,
                        {"orders": COMMISSION},
                        figures={"orders": FIGURES},
                    )
                    assert any(block.totals.orders["payout_minor"] > 0 for block in blocks)
                    for block in blocks:
                        assert block.totals == added(group.figures for group in block.groups)
                        assert not block.others
    finally:
        await database.close()
