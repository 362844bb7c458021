"""Reports say what adding up every quote and order says, whatever is grouped, filtered and rolled up.

Source: docs/spec/analytics.md#reports.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import combinations, product
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from quote_service.platform.postgres.pool import Database
from quote_service.steering.analytics.model.cubes import CUBES
from quote_service.steering.analytics.model.quote_figures import QUOTE_FIGURES
from quote_service.steering.analytics.model.reports.dimensions import GROUPS, GroupBy
from quote_service.steering.analytics.model.reports.pieces import Zones
from quote_service.steering.analytics.model.reports.query import ReportQuery
from quote_service.steering.analytics.model.sales.ranks import QUOTED
from quote_service.steering.analytics.operations.compare_periods import find_movers, period_before
from quote_service.steering.analytics.operations.gather_report import Block, Both, gather_report, selection_of
from quote_service.steering.analytics.tables.rank_rows import rank_groups
from quote_service.steering.analytics.tables.report_rows import Rollup
from quote_service.steering.analytics.tables.report_sums import sum_rollups
from quote_service.steering.analytics.tables.rollups import add_rollups
from tests.analytics.history import NOW, SELLERS, ZONE, Fact, add_up, make_history, write_history
from tests.conftest import PATIENCE_SECONDS, MakeDatabase

FACTS = make_history(11, 400)
ZONES = Zones(ZONE, ZONE)
BOTH: tuple[Rollup, ...] = ("quotes", "orders")
BY_REVENUE: dict[Rollup, str] = {"quotes": "0::bigint", "orders": "total_minor"}
PAIRS: list[tuple[GroupBy, ...]] = [(), *((group,) for group in GROUPS), *combinations(GROUPS, 2)]
# Months whole, edges by the day and by the hour, through the night in which clocks go forward, and to the present.
PERIODS = [
    (datetime(2026, 1, 14, 5, tzinfo=UTC), NOW, True),
    (datetime(2026, 2, 27, 20, tzinfo=UTC), datetime(2026, 4, 2, 9, tzinfo=UTC), False),
    # A week of a month, and a month, which groups have one row of.
    (datetime(2026, 3, 1, 5, tzinfo=UTC), datetime(2026, 3, 8, 5, tzinfo=UTC), False),
    (datetime(2026, 2, 1, 5, tzinfo=UTC), datetime(2026, 3, 1, 5, tzinfo=UTC), False),
]


@pytest.fixture(scope="module")
def history_url(new_database_url: MakeDatabase) -> str:
    return new_database_url()


@pytest.fixture
async def books(history_url: str) -> AsyncIterator[Database]:
    """The history, written by the first who asks."""
    database = await Database.open(history_url, statement_seconds=PATIENCE_SECONDS)
    async with database.read() as connection:
        is_written = await connection.fetchval("SELECT EXISTS (SELECT FROM analytics_orders)")
    if not is_written:
        await write_history(database, FACTS)
    yield database
    await database.close()


async def gather(books: Database, query: ReportQuery, **limits: Any) -> list[Block]:
    async with books.snapshot() as connection:
        return await gather_report(connection, query._replace(**limits), ZONES, BOTH, BY_REVENUE)


def shown(both: Both) -> Counter[str]:
    """Counts and totals: quotes issued, or lines where nothing else is counted."""
    quotes, orders = both
    return Counter(
        quotes=quotes.get("priced", 0) or quotes.get("lines", 0),
        quoted=quotes.get("total_minor", 0),
        orders=orders.get("orders", 0),
        sold=orders.get("total_minor", 0),
    )


@pytest.mark.parametrize("group_by", PAIRS, ids="+".join)
async def test_groups_are_what_their_quotes_and_orders_add_up_to(
    books: Database, group_by: tuple[GroupBy, ...]
) -> None:
    for begin, end, is_open in PERIODS:
        query = ReportQuery(begin, end, is_open, group_by, limit=1000)
        blocks = await gather(books, query)
        found = {
            (block.currency, group.times, group.keys): shown(group.figures)
            for block in blocks
            for group in block.groups
        }
        wanted = add_up(FACTS, query)
        assert len(wanted) > 1
        if group_by:
            assert found == wanted
        over_time = query._replace(group_by=())
        if query.counts == "quotes":
            assert {(block.currency, (), ()): shown(block.totals) for block in blocks} == add_up(FACTS, over_time)
        elif query.adds_up:
            for block in blocks:
                of_groups = [sums for (currency, *_), sums in wanted.items() if currency == block.currency]
                assert shown(block.totals) == sum(of_groups, Counter())
        assert not any(block.others for block in blocks)


FILTERS: list[dict[str, str]] = [
    {"region": "TR/Istanbul"}, {"region": ""}, {"seller": SELLERS[0]}, {"rule": "spring"}, {"flag": "fee=b"},
    {"region": "DE/Berlin", "tier": "gold"}, {"seller": SELLERS[1], "flag": "fee=a"}, {"flag": "fee"},
    {"seller": SELLERS[1], "flag": "fee"}, {"flag": "fee", "tier": "gold"},
]  # fmt: skip


@pytest.mark.parametrize("filters", FILTERS, ids=str)
async def test_filters_show_the_same_of_fewer(books: Database, filters: dict[Any, str]) -> None:
    for group_by in ((), ("day",), ("weekday", "hour"), ("tier",), ("day", "category"), ("hour", "region")):
        named = {*filters, *group_by} - {"day", "hour", "weekday"}
        if len(named) > 2 or set(filters) & set(group_by):
            continue
        begin, end, is_open = PERIODS[0]
        query = ReportQuery(begin, end, is_open, group_by, filters, "EUR", limit=1000)
        blocks = await gather(books, query)
        found = {
            (block.currency, group.times, group.keys): shown(group.figures)
            for block in blocks
            for group in block.groups
        }
        wanted = add_up(FACTS, query)
        assert wanted
        if group_by:
            assert found == wanted
        assert [block.currency for block in blocks] == ["EUR"]
        if query.counts == "quotes" or query.adds_up:
            whole = sum(wanted.values(), Counter()) if query.adds_up else None
            assert whole is None or shown(blocks[0].totals) == whole


async def test_a_flag_without_its_variant_is_all_of_its_variants(books: Database) -> None:
    begin, end, is_open = PERIODS[0]
    blocks = await gather(books, ReportQuery(begin, end, is_open, (), {"flag": "fee"}))
    wanted = Counter(fact.currency for fact in within(begin, end) if any(flag[:4] == "fee=" for flag in fact.flags))
    assert {block.currency: block.totals.quotes["priced"] for block in blocks} == wanted


@pytest.mark.parametrize(
    "group_by", [("product",), ("region", "product"), ("day", "product"), ("hour", "region")], ids="+".join
)
async def test_the_largest_are_reported_and_the_others_are_what_is_left(
    books: Database, group_by: tuple[GroupBy, ...]
) -> None:
    begin, end, is_open = PERIODS[0]
    query = ReportQuery(begin, end, is_open, group_by, limit=2)
    ranked_by: dict[Rollup, str] = {"orders": "total_minor"}
    wanted: dict[str, Counter[tuple[str, ...]]] = {}
    for (currency, _, keys), sums in add_up(FACTS, query).items():
        wanted.setdefault(currency, Counter())[keys] += sums["sold"]
    async with books.snapshot() as connection:
        blocks = await gather_report(connection, query, ZONES, BOTH, ranked_by)
    assert [block.currency for block in blocks] == sorted(wanted)
    for block in blocks:
        by_revenue = sorted(wanted[block.currency].items(), key=lambda pair: (-pair[1], pair[0]))
        assert list(dict.fromkeys(group.keys for group in block.groups)) == [keys for keys, _ in by_revenue[:2]]
        assert block.found == len(by_revenue) > 2
        together = sum((shown(group.figures) for group in (*block.groups, *block.others)), Counter())
        assert together == shown(block.totals)
        assert block.others


@pytest.mark.parametrize("filters", [{"region": "TR/Istanbul"}, {"flag": "fee=b"}, {"rule": "spring"}], ids=str)
@pytest.mark.parametrize("figure", ["quoted", "sold"])
async def test_the_largest_of_a_filter(books: Database, filters: dict[Any, str], figure: str) -> None:
    for begin, end, is_open in PERIODS:
        query = ReportQuery(begin, end, is_open, ("product",), filters, limit=2)
        amounts: dict[str, Counter[tuple[str, ...]]] = {}
        for (currency, _, keys), sums in add_up(FACTS, query).items():
            if sums[figure]:
                amounts.setdefault(currency, Counter())[keys] += sums[figure]
        ranked_by: dict[Rollup, str] = {"quotes" if figure == "quoted" else "orders": "total_minor"}
        async with books.snapshot() as connection:
            blocks = await gather_report(connection, query, ZONES, BOTH, ranked_by)
        assert amounts
        for block in blocks:
            by_figure = sorted(amounts.get(block.currency, Counter()).items(), key=lambda pair: (-pair[1], pair[0]))
            if len(by_figure) >= query.limit:
                assert block.found == len(by_figure)
            assert [group.keys for group in block.groups][: len(by_figure)] == [keys for keys, _ in by_figure[:2]]


@pytest.mark.parametrize("group_by", [("product",), ("region", "product"), ("tier",), ("rule",)], ids="+".join)
async def test_the_largest_by_what_was_quoted(books: Database, group_by: tuple[GroupBy, ...]) -> None:
    for (begin, end, is_open), (figure, counted) in product(PERIODS, ((QUOTED, "quotes"), ("total_minor", "quoted"))):
        query = ReportQuery(begin, end, is_open, group_by, limit=2)
        amounts: dict[str, Counter[tuple[str, ...]]] = {}
        for (currency, _, keys), sums in add_up(FACTS, query).items():
            if sums["quotes"]:
                amounts.setdefault(currency, Counter())[keys] += sums[counted]
        async with books.snapshot() as connection:
            blocks = await gather_report(connection, query, ZONES, BOTH, {"quotes": figure})
        for block in blocks:
            by_figure = sorted(amounts.get(block.currency, Counter()).items(), key=lambda pair: (-pair[1], pair[0]))
            assert block.found == len(by_figure)
            if figure == QUOTED and query.counts == "quotes":
                continue  # lines of the quotes are told of neither here
            assert [group.keys for group in block.groups] == [keys for keys, _ in by_figure[:2]]


async def test_what_is_not_rolled_up_is_the_same_in_the_view_of_each_cube(books: Database) -> None:
    columns = ", ".join(("minute", "cube", "currency", "key_a", "key_b", *QUOTE_FIGURES))
    async with books.read() as connection:
        of_all = {
            row["cube"]: row["rows"]
            for row in await connection.fetch(
                f"SELECT cube, count(*) AS rows FROM (SELECT {columns} FROM analytics_quotes_unfolded) AS of_all GROUP BY cube"
            )
        }
        for cube in CUBES:
            view = f"analytics_unfolded_{cube.replace('+', '_')}"
            differing = await connection.fetchval(
                f"""SELECT count(*) FROM (
                    (SELECT {columns} FROM {view} EXCEPT ALL SELECT {columns} FROM analytics_quotes_unfolded WHERE cube = $1)
                    UNION ALL
                    (SELECT {columns} FROM analytics_quotes_unfolded WHERE cube = $1 EXCEPT ALL SELECT {columns} FROM {view})
                ) AS differing""",
                cube,
            )
            assert differing == 0, cube
            assert await connection.fetchval(f"SELECT count(*) FROM {view}") == of_all[cube]


async def test_sums_that_no_number_holds_stay_at_the_bound(new_database_url: MakeDatabase) -> None:
    database = await Database.open(new_database_url(), statement_seconds=PATIENCE_SECONDS)
    days = [datetime(2026, 3, day, tzinfo=UTC) for day in (3, 4, 5)]
    sold = """SELECT 'product' AS cube, of.minute, 'EUR' AS currency, of.key AS key_a, '' AS key_b, 1 AS orders, of.total AS total_minor
        FROM unnest($2::timestamptz[], $3::text[], $4::bigint[]) AS of (minute, key, total)"""
    rows = [(day, key, total) for day in days for key, total in (("large", 4 * 10**18), ("small", 7))]
    async with database.transaction() as connection:
        await add_rollups(
            connection,
            "analytics_orders",
            ["orders", "total_minor"],
            sold,
            "UTC",
            *map(list, zip(*rows, strict=True)),
        )
    query = ReportQuery(days[0], datetime(2026, 3, 6, tzinfo=UTC), is_open=False, group_by=("product",))
    async with database.snapshot() as connection:
        selection = selection_of(query, Zones(ZoneInfo("UTC"), ZoneInfo("UTC")))
        ranked = await rank_groups(connection, selection, {"orders": "total_minor"}, 5, ["EUR"])
        sums = await sum_rollups(connection, "orders", selection, ["orders", "total_minor"])
    await database.close()
    found = {each.keys: each.amount for each in ranked if each.keys in (("large",), ("small",))}
    assert found == {("large",): 9_000_000_000_000_000_000, ("small",): 21}
    assert {key[2]: each["total_minor"] for key, each in sums.items() if key[2] in found} == found


async def test_what_changed_most_against_the_days_before(books: Database) -> None:
    query = ReportQuery(datetime(2026, 3, 20, 4, tzinfo=UTC), NOW, is_open=True)
    before = period_before(query, ZONES)
    # From midnight to 11:37, of 31 days on another clock before and after: the hour that runs is taken whole.
    assert (before.begin, before.end) == (datetime(2026, 2, 16, 5, tzinfo=UTC), datetime(2026, 3, 19, 16, tzinfo=UTC))
    async with books.snapshot() as connection:
        movers = await find_movers(connection, query, before, "seller", ZONES, {"orders": "total_minor"})
    by_seller = [
        {key: sums["sold"] for key, sums in add_up(FACTS, each._replace(group_by=("seller",))).items()}
        for each in (query, before)
    ]
    for currency, found in movers.items():
        changes = {
            keys[0]: now - by_seller[1].get((currency, (), keys), 0)
            for (code, _, keys), now in by_seller[0].items()
            if code == currency
        }
        assert {mover.key: mover.change * 100 for mover in (*found.up, *found.down)} == changes
        assert [mover.change for mover in found.up] == sorted((mover.change for mover in found.up), reverse=True)
        assert [mover.change for mover in found.down] == sorted(mover.change for mover in found.down)
        assert all(mover.amount - mover.previous == mover.change for mover in (*found.up, *found.down))
    assert set(movers) == {"EUR", "TRY"}


def within(begin: datetime, end: datetime) -> list[Fact]:
    return [fact for fact in FACTS if begin <= fact.at < end]
