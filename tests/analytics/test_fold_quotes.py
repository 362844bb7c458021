"""What was counted is in the rollups once, whoever folds it. Source: docs/spec/analytics.md#rollups."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Invalid
from quote_service.steering.analytics.model.cubes import CUBES, LINE_DIMENSIONS, cube_of
from quote_service.steering.analytics.model.quote_figures import QUOTE_FIGURES
from quote_service.steering.analytics.operations.fold_quotes import fold_quotes
from tests.analytics.minutes import MINUTE, everything, minute_row, put_minutes, rollups
from tests.conftest import PATIENCE_SECONDS, MakeDatabase

QUOTE = minute_row(
    region="TR/Istanbul",
    tier="gold",
    flags=["new_fee=b", "banner=true"],
    rules=["spring", "vat"],
    rule_counts=[2, 3],
    rule_gross_minor=[200, 300],
    rule_total_minor=[180, 280],
    rule_seller_minor=[5, 0],
    rule_platform_minor=[7, 0],
    quotes=5,
    priced=3,
    local=2,
    lines=4,
    units=9,
    lines_request=4,
    gross_minor=300,
    seller_discount_minor=5,
    platform_discount_minor=7,
    total_minor=288,
)
LINE = minute_row(
    is_line=True,
    region="TR/Istanbul",
    tier="gold",
    flags=["new_fee=b", "banner=true"],
    seller="s1",
    category="c1",
    product="p1",
    rules=["spring"],
    rule_counts=[1],
    rule_gross_minor=[100],
    rule_total_minor=[88],
    rule_seller_minor=[5],
    rule_platform_minor=[7],
    lines=4,
    units=9,
    lines_catalog=4,
    gross_minor=300,
    total_minor=288,
)
FIELDS = [*QUOTE, *("quotes", "priced", "local")]


def of(row: dict[str, Any]) -> dict[str, Any]:
    """With the same columns as others."""
    return {name: row.get(name, 0) for name in dict.fromkeys(FIELDS)}


@pytest.fixture
async def books(new_database_url: MakeDatabase) -> AsyncIterator[Database]:
    opened = await Database.open(new_database_url(), statement_seconds=PATIENCE_SECONDS)
    yield opened
    await opened.close()


async def fold_all(database: Database, zone: str = "UTC", rows_max: int = 1000) -> None:
    while await fold_quotes(database, zone, rows_max):
        pass


def test_cubes_are_named_in_one_order() -> None:
    assert cube_of(["tier", "region"]) == cube_of(["region", "tier"]) == "region+tier"
    assert (cube_of([]), cube_of(["flag"])) == ("", "flag")
    assert len(CUBES) == len(set(CUBES)) == 1 + 7 + 21
    for wrong in (["region", "tier", "flag"], ["colour"]):
        with pytest.raises(ValueError, match="no cube"):
            cube_of(wrong)  # type: ignore[arg-type]


async def test_every_cube_holds_the_figures_of_its_rows(books: Database) -> None:
    await put_minutes(books, of(QUOTE), of(LINE))
    await fold_all(books)
    hour = datetime(2026, 3, 10, 22, tzinfo=UTC)
    whole = {name: QUOTE[name] for name in QUOTE_FIGURES if QUOTE.get(name)}
    lines = {name: LINE[name] for name in QUOTE_FIGURES if LINE.get(name)}
    spring = {"gross_minor": 200, "seller_discount_minor": 5, "platform_discount_minor": 7, "total_minor": 180}
    values = {"region": ["TR/Istanbul"], "tier": ["gold"], "flag": ["new_fee=b", "banner=true"]}
    values |= {"seller": ["s1"], "category": ["c1"], "product": ["p1"]}
    for cube in CUBES:
        found = await rollups(books, cube, "hour")
        dimensions = cube.split("+") if cube else []
        if "rule" in dimensions:
            key = tuple("spring" if each == "rule" else values[each][0] for each in dimensions)
            figures = found[hour, "EUR", *key, *[""] * (2 - len(key))]
            if LINE_DIMENSIONS & set(dimensions):
                assert figures == {**spring, "lines": 1, "gross_minor": 100, "total_minor": 88}, cube
            else:
                assert figures == {**spring, "priced": 2}, cube
            continue
        keys: list[tuple[str, ...]] = [(value,) for value in values[dimensions[0]]] if dimensions else [("",)]
        if len(dimensions) == 2:
            keys = [(*key, value) for key in keys for value in values[dimensions[1]]]
        expected = lines if LINE_DIMENSIONS & set(dimensions) else whole
        assert found == {(hour, "EUR", *key, *[""] * (2 - len(key))): expected for key in keys}, cube
    assert (await rollups(books, "rule", "hour"))[hour, "EUR", "vat", ""] == {
        "priced": 3,
        "gross_minor": 300,
        "total_minor": 280,
    }


async def test_periods_begin_by_the_zone(books: Database) -> None:
    # 22:17 UTC is 01:17 of the next day in Istanbul; on the last day of a month that is the next month.
    late = datetime(2026, 3, 31, 22, 17, tzinfo=UTC)
    await put_minutes(books, minute_row(), minute_row(lines=1), minute_row(lines=10, minute=late))
    await fold_all(books, "Europe/Istanbul")
    offset = timedelta(hours=3)
    assert {key[0]: figures["lines"] for key, figures in (await rollups(books, "", "hour")).items()} == {
        datetime(2026, 3, 10, 22, tzinfo=UTC): 1,
        datetime(2026, 3, 31, 22, tzinfo=UTC): 10,
    }
    assert {key[0]: figures["lines"] for key, figures in (await rollups(books, "", "day")).items()} == {
        datetime(2026, 3, 11, tzinfo=UTC) - offset: 1,
        datetime(2026, 4, 1, tzinfo=UTC) - offset: 10,
    }
    march, april = (datetime(2026, month, 1, tzinfo=UTC) - offset for month in (3, 4))
    assert {key[0] for key in await rollups(books, "", "month")} == {march, april}
    assert {key[:2] for key in await rollups(books, "", "month_hour")} == {(march, 1), (april, 1)}


async def test_the_hour_that_comes_twice_is_two_hours_and_one_of_the_day(books: Database) -> None:
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    await put_minutes(books, minute_row(minute=first, lines=1), minute_row(minute=second, lines=1))
    await fold_all(books, "Europe/Berlin")
    assert len(await rollups(books, "", "hour")) == 2
    (day,) = await rollups(books, "", "month_hour")
    assert day[1] == 2
    assert len(await rollups(books, "", "day")) == 1


async def test_the_zone_of_the_first_fold_stays(books: Database) -> None:
    await put_minutes(books, minute_row(lines=1))
    await fold_all(books, "Europe/Istanbul")
    await put_minutes(books, minute_row(lines=1))
    await fold_all(books, "America/New_York")
    assert [figures["lines"] for figures in (await rollups(books, "", "day")).values()] == [2]


async def test_late_rows_are_folded_too(books: Database) -> None:
    await put_minutes(books, of(QUOTE))
    await fold_all(books)
    later = {**of(QUOTE), "minute": MINUTE + timedelta(days=40)}
    await put_minutes(books, later)
    await fold_all(books)
    await put_minutes(books, of(QUOTE))
    await fold_all(books)
    assert sorted(figures["quotes"] for figures in (await rollups(books, "", "month")).values()) == [5, 10]


async def test_many_folders_at_once_count_everything_once(new_database_url: MakeDatabase) -> None:
    url = new_database_url()
    many = [await Database.open(url, statement_seconds=PATIENCE_SECONDS) for _ in range(4)]
    written = 0
    done = asyncio.Event()

    async def flush(database: Database) -> None:
        nonlocal written
        for number in range(25):
            rows = [{**of(QUOTE), "region": f"TR/{number % 7}"}, of(LINE)] * 3
            await put_minutes(database, *rows)
            written += 3

    async def fold(database: Database) -> None:
        while not done.is_set():
            await fold_quotes(database, "UTC", 7)
            await asyncio.sleep(0)

    folding = [asyncio.create_task(fold(database)) for database in many[2:]]
    await asyncio.gather(*(flush(database) for database in many[:2]))
    done.set()
    await asyncio.gather(*folding)
    await fold_all(many[0], rows_max=10)
    assert [each["quotes"] for each in (await rollups(many[0], "", "month")).values()] == [5 * written]
    assert [each["lines"] for each in (await rollups(many[0], "product", "day")).values()] == [4 * written]
    by_hour = (await rollups(many[0], "region+tier", "hour")).values()
    assert sum(each["quotes"] for each in by_hour) == 5 * written
    for database in many:
        await database.close()


async def test_a_fold_that_does_not_end_has_not_happened(books: Database) -> None:
    await put_minutes(books, of(QUOTE), of(LINE))
    async with books.read() as connection:
        await connection.execute("ALTER TABLE analytics_folds ADD CHECK (source = 'none')")
    with pytest.raises(Invalid):
        await fold_quotes(books, "UTC")
    assert await everything(books) == {}
    async with books.read() as connection:
        await connection.execute("ALTER TABLE analytics_folds DROP CONSTRAINT analytics_folds_source_check")
    await fold_all(books)
    assert [each["quotes"] for each in (await rollups(books, "", "day")).values()] == [5]


async def test_sums_stay_within_their_columns(books: Database) -> None:
    large = minute_row(gross_minor=8_000_000_000_000_000_000)
    await put_minutes(books, large, large)
    await fold_all(books)
    await put_minutes(books, large)
    await fold_all(books)
    assert [each["gross_minor"] for each in (await rollups(books, "", "day")).values()] == [45 * 10**17]
