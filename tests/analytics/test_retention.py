"""What is forgotten, and what can be made again. Source: docs/spec/analytics.md#how-long; docs/spec/analytics.md#rebuild."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import Invalid
from quote_service.steering.analytics.model.reports.pieces import Zones
from quote_service.steering.analytics.model.reports.query import ReportQuery
from quote_service.steering.analytics.model.reports.times import DAY, day_of, starts_at
from quote_service.steering.analytics.operations.fold_quotes import fold_quotes
from quote_service.steering.analytics.operations.forget_rollups import forget_rollups
from quote_service.steering.analytics.operations.rebuild_rollups import rebuild_rollups
from quote_service.steering.analytics.operations.report_head import require_kept
from quote_service.steering.analytics.tables.checks import find_breakages
from quote_service.steering.analytics.tables.rollups import add_rollups
from tests.analytics.minutes import everything, minute_row, put_minutes, rollups
from tests.conftest import PATIENCE_SECONDS, MakeDatabase

ISTANBUL = "Europe/Istanbul"


@pytest.fixture
async def books(new_database_url: MakeDatabase) -> AsyncIterator[Database]:
    opened = await Database.open(new_database_url(), statement_seconds=PATIENCE_SECONDS)
    yield opened
    await opened.close()


async def fold(database: Database, zone: str = "UTC") -> None:
    while await fold_quotes(database, zone):
        pass


async def months_of(database: Database, grain: str) -> list[str]:
    return sorted({f"{key[0]:%Y-%m}" for key in await rollups(database, "region", grain)})


async def test_hours_and_days_are_forgotten_by_whole_months(books: Database) -> None:
    now = datetime.now(UTC)
    this_month = now.replace(day=1, hour=12, minute=0, second=0, microsecond=0)
    months = [this_month]
    for _ in range(4):
        months.append((months[-1] - timedelta(days=20)).replace(day=1))
    rows = [
        minute_row(minute=month + timedelta(hours=hour), region=f"TR/{place}", lines=1)
        for month in months
        for hour in range(3)
        for place in range(4)
    ]
    await put_minutes(books, *rows)
    await fold(books)
    async with books.transaction() as connection:
        for month in months:
            sold = "SELECT 'region' AS cube, $2::timestamptz AS minute, 'EUR' AS currency, 'TR/0' AS key_a, '' AS key_b, 5 AS orders"
            await add_rollups(connection, "analytics_orders", ["orders"], sold, "UTC", month)
    named = [f"{month:%Y-%m}" for month in sorted(months)]
    assert await months_of(books, "hour") == await months_of(books, "day") == named
    await forget_rollups(books, 40, 70, rows_at_once=5)
    cut = {days: f"{now - timedelta(days=days):%Y-%m}" for days in (40, 70)}
    assert await months_of(books, "hour") == [month for month in named if month >= cut[40]]
    assert await months_of(books, "day") == [month for month in named if month >= cut[70]]
    assert await months_of(books, "month_hour") == await months_of(books, "day")
    assert await months_of(books, "month") == named
    async with books.read() as connection:
        ranks = [
            await connection.fetch(f"SELECT DISTINCT grain, to_char(period, 'YYYY-MM') FROM {table} ORDER BY 1, 2")
            for table in ("analytics_order_ranks", "analytics_quote_ranks")
        ]
        assert not [found for found in (await find_breakages(connection, 5)).findings if found.check == "ranks"]
    kept = [month for month in named if month >= cut[70]]
    quarters = sorted({f"{month:%Y}-{month.month - (month.month - 1) % 3:02d}" for month in months})
    held = [
        *(("day", month) for month in kept), *(("month", month) for month in named),
        *(("quarter", quarter) for quarter in quarters), *(("week", month) for month in kept),
    ]  # fmt: skip
    assert [[tuple(row) for row in found] for found in ranks] == [held, held]


async def test_rebuilding_changes_nothing_where_nothing_was_wrong(books: Database) -> None:
    start = datetime(2026, 1, 31, 20, 30, tzinfo=UTC)
    rows = [
        minute_row(minute=start + timedelta(hours=7 * number), region=f"TR/{number % 3}", tier="gold", lines=number)
        for number in range(1, 40)
    ]
    await put_minutes(books, *rows)
    await fold(books, ISTANBUL)
    before = await everything(books)
    async with books.transaction() as connection:
        await connection.execute("UPDATE analytics_quotes SET lines = 0 WHERE grain IN ('day', 'month_hour')")
        await connection.execute("DELETE FROM analytics_quotes WHERE grain = 'month'")
    rebuilt, _ = await rebuild_rollups(books, ISTANBUL)
    assert await everything(books) == before
    assert rebuilt.rows == len([key for key in before if key[1] != "hour"])


async def test_a_rebuild_moves_days_to_another_zone_and_later_folds_follow(books: Database) -> None:
    evening = datetime(2026, 2, 28, 22, 30, tzinfo=UTC)
    await put_minutes(books, minute_row(minute=evening, lines=1))
    await fold(books, "UTC")
    assert [key[0].day for key in await rollups(books, "", "day")] == [28]
    await rebuild_rollups(books, ISTANBUL)
    await put_minutes(books, minute_row(minute=evening + timedelta(minutes=1), lines=1))
    await fold(books, "UTC")
    midnight = datetime(2026, 2, 28, 21, tzinfo=UTC)
    for grain in ("day", "month"):
        found = {key[0]: figures["lines"] for key, figures in (await rollups(books, "", grain)).items()}
        assert found == {midnight: 2}
    assert [key[1] for key in await rollups(books, "", "month_hour")] == [1]


async def test_what_is_older_than_the_hours_stays(books: Database) -> None:
    for month in (1, 2, 3):
        for day in (5, 25):
            await put_minutes(books, minute_row(minute=datetime(2026, month, day, tzinfo=UTC), lines=1))
    await fold(books)
    before = await everything(books)
    async with books.transaction() as connection:
        await connection.execute(
            "DELETE FROM analytics_quotes WHERE grain = 'hour' AND period < '2026-02-10T00:00:00Z'"
        )
        await connection.execute("UPDATE analytics_quotes SET lines = 7 WHERE grain <> 'hour'")
    await rebuild_rollups(books, "UTC")
    for grain in ("day", "month", "month_hour"):
        found = {f"{key[0]:%m}": figures["lines"] for key, figures in (await rollups(books, "", grain)).items()}
        assert found == {"01": 7, "02": 7, "03": 1 if grain == "day" else 2}, grain
    assert {key for key in await everything(books) if key[1] != "hour"} == {key for key in before if key[1] != "hour"}


async def first_day_kept(database: Database, read_at: datetime, zone: ZoneInfo, hour_days: int) -> tuple[date, date]:
    """The first day of which hours can be asked for, and the one that is told to those who ask for an earlier one."""
    settings, messages = Settings(analytics_hour_days=hour_days, analytics_day_days=800), None
    for back in range(130, 0, -1):
        begin = starts_at(day_of(read_at, zone) - back * DAY, zone)
        try:
            async with database.read() as connection:
                query = ReportQuery(begin, read_at, True, ("day", "hour"))
                await require_kept(connection, query, Zones(zone, zone), settings, read_at)
        except Invalid as refused:
            messages = date.fromisoformat(refused.faults[0].detail.removeprefix("hours are kept since ")[:10])
        else:
            assert messages is not None
            return day_of(begin, zone), messages
    raise AssertionError("nothing is kept")


@pytest.mark.parametrize("zone", ["Europe/Istanbul", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
async def test_what_is_said_to_be_kept_can_be_asked_for(books: Database, zone: str) -> None:
    there = ZoneInfo(zone)
    for now in ("2026-03-20T02:30:00Z", "2026-04-20T21:30:00Z", "2026-11-15T12:00:00Z"):
        read_at = datetime.fromisoformat(now)
        first, reported = await first_day_kept(books, read_at, there, 40)
        assert first == reported == day_of(read_at, there) - 39 * DAY


async def test_what_was_forgotten_once_is_refused_though_more_is_kept_now(books: Database) -> None:
    there, now = ZoneInfo(ISTANBUL), datetime.now(UTC)
    await put_minutes(books, minute_row(minute=now - timedelta(days=100), region="TR/Rize", lines=1))
    await fold(books, ISTANBUL)
    await forget_rollups(books, 40, 70)
    first, reported = await first_day_kept(books, now, there, 120)
    assert first == reported == day_of(now - timedelta(days=40), there).replace(day=1)
    # Nothing more is forgotten by settings that keep more.
    await forget_rollups(books, 120, 150)
    assert await first_day_kept(books, now, there, 120) == (first, reported)
