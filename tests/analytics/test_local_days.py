"""Days, hours and months of any time zone are what the rows in them add up to, over clocks that change.

Source: docs/spec/analytics.md#time.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import asyncpg
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.steering.analytics.model.reports.dimensions import GroupBy
from quote_service.steering.analytics.model.reports.pieces import Zones
from quote_service.steering.analytics.model.reports.query import ReportQuery
from quote_service.steering.analytics.model.reports.times import starts_at
from quote_service.steering.analytics.operations.gather_report import Both, gather_report
from quote_service.steering.analytics.operations.rebuild_rollups import rebuild_rollups
from quote_service.steering.analytics.operations.report_head import zones_of_report
from quote_service.steering.analytics.tables.checks import find_breakages
from quote_service.steering.analytics.tables.report_rows import FIGURES, Rollup
from quote_service.steering.analytics.tables.rollups import add_rollups
from tests.analytics.history import NOW, ZONE, add_up, make_history, write_history
from tests.catalog.shop import pointers
from tests.conftest import PATIENCE_SECONDS, MakeDatabase
from tests.fixtures.service import Service

FACTS = make_history(29, 400)
BOTH: tuple[Rollup, ...] = ("quotes", "orders")
BY_REVENUE: dict[Rollup, str] = {"quotes": "0::bigint", "orders": "total_minor"}
# Whole hours off, half and quarters of one, clocks moved by half an hour, at midnight, and both ways within the history.
ZONES = [
    "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "Europe/Istanbul", "Europe/Berlin", "Pacific/Chatham",
    "America/Havana", "UTC", "America/New_York", "America/St_Johns",
]  # fmt: skip
GROUPS: list[tuple[GroupBy, ...]] = [
    ("day",), ("hour",), ("weekday",), ("day", "hour"), ("day", "seller"), ("hour", "region"), ("product",), (),
    ("weekday", "hour"), ("region", "tier"),
]  # fmt: skip
FIRST = date(2026, 1, 3)


@pytest.fixture(scope="module")
def history_url(new_database_url: MakeDatabase) -> str:
    url = new_database_url()

    async def write() -> None:
        database = await Database.open(url, statement_seconds=PATIENCE_SECONDS)
        await write_history(database, FACTS)
        await database.close()

    asyncio.run(write())
    return url


def reported(both: Both) -> Counter[str]:
    quotes, orders = both
    return Counter(
        quotes=quotes.get("priced", 0) or quotes.get("lines", 0),
        quoted=quotes.get("total_minor", 0),
        orders=orders.get("orders", 0),
        sold=orders.get("total_minor", 0),
    )


async def sums_of(url: str, query: ReportQuery, zone: str) -> dict[tuple[Any, ...], Counter[str]]:
    database = await Database.open(url, statement_seconds=PATIENCE_SECONDS)
    try:
        async with database.snapshot() as connection:
            zones = await zones_of_report(connection, Settings(), zone)
            assert zones == Zones(ZoneInfo(zone), ZONE, None)
            blocks = await gather_report(connection, query._replace(limit=1000), zones, BOTH, BY_REVENUE)
    finally:
        await database.close()
    if not query.group_by:
        return {(block.currency, (), ()): reported(block.totals) for block in blocks}
    return {
        (block.currency, group.times, group.keys): reported(group.figures) for block in blocks for group in block.groups
    }


@settings(max_examples=25)
@given(
    zone=st.sampled_from(ZONES),
    first=st.integers(0, 100),
    days=st.integers(1, 100),
    quarters=st.integers(0, 95),
    group_by=st.sampled_from(GROUPS),
    is_open=st.booleans(),
)
def test_a_report_by_any_clock_is_what_its_rows_add_up_to(
    history_url: str, zone: str, first: int, days: int, quarters: int, group_by: tuple[GroupBy, ...], is_open: bool
) -> None:
    clock = ZoneInfo(zone)
    begin = starts_at(FIRST + timedelta(days=first), clock) + quarters * timedelta(minutes=15)
    end = starts_at(FIRST + timedelta(days=first + days), clock) + quarters * timedelta(minutes=15)
    if is_open or end > NOW:
        end, is_open = NOW, True
    query = ReportQuery(begin, end, is_open, group_by)
    assert asyncio.run(sums_of(history_url, query, zone)) == add_up(FACTS, query, clock)


@pytest.mark.parametrize("zone", ZONES)
def test_local_days_add_up_to_the_whole(history_url: str, zone: str) -> None:
    clock = ZoneInfo(zone)
    days = [date(2026, 3, 1) + timedelta(days=count) for count in range(41)]
    whole = ReportQuery(starts_at(days[0], clock), starts_at(days[-1], clock), False)
    by_day = asyncio.run(sums_of(history_url, whole._replace(group_by=("day",)), zone))
    wanted = asyncio.run(sums_of(history_url, whole, zone))
    for currency in ("EUR", "TRY"):
        of_days = [sums for (code, _, _), sums in by_day.items() if code == currency]
        assert sum(of_days, Counter()) == wanted[currency, (), ()]
    for begin, end in zip(days[:-1:9], days[1::9], strict=False):
        alone = asyncio.run(
            sums_of(history_url, ReportQuery(starts_at(begin, clock), starts_at(end, clock), False), zone)
        )
        assert alone == {(code, (), ()): sums for (code, (day,), _), sums in by_day.items() if day == begin}, begin


async def test_what_an_earlier_release_counted_counts_by_the_hour_and_is_said_to(
    new_database_url: MakeDatabase,
) -> None:
    database = await Database.open(new_database_url(), statement_seconds=PATIENCE_SECONDS)
    await write_history(database, FACTS)
    query = ReportQuery(
        datetime(2026, 3, 1, 18, 30, tzinfo=UTC), datetime(2026, 3, 9, 18, 30, tzinfo=UTC), False, ("day",)
    )
    async with database.transaction() as connection:
        # As a release writes that knows no quarters.
        await connection.execute("SET LOCAL analytics.has_quarters = 'off'")
        await connection.execute(
            "INSERT INTO analytics_orders (cube, grain, period, currency, key_a, key_b)"
            " VALUES ('', 'hour', '2026-03-01T00:00:00Z', 'EUR', 'x', '')"
        )
    async with database.snapshot() as connection:
        zones = await zones_of_report(connection, Settings(), "Asia/Kolkata")
        assert zones.quarters_since is not None
        assert zones.quarters_since > datetime.now(UTC)
        blocks = await gather_report(connection, query, zones, BOTH, BY_REVENUE)
        by_hour = [fact._replace(at=fact.at.replace(minute=0)) for fact in FACTS]
        # Hours count where they begin: half of those at a midnight for the day before it. What waits has its minute still.
        folded = len(FACTS) * 2 // 3
        wanted = add_up([*by_hour[:folded], *FACTS[folded:]], query, ZoneInfo("Asia/Kolkata"))
        found = {
            (block.currency, group.times, ()): reported(group.figures) for block in blocks for group in block.groups
        }
        assert {key: sums["quotes"] for key, sums in found.items()} == {
            key: sums["quotes"] for key, sums in wanted.items()
        }
    await database.close()


@pytest.mark.long("rebuilds all rollups, and adds them up by hand")
async def test_a_rebuild_to_another_quarter_makes_hours_again(new_database_url: MakeDatabase) -> None:
    url = new_database_url()
    database = await Database.open(url, statement_seconds=PATIENCE_SECONDS)
    await write_history(database, FACTS)
    await rebuild_rollups(database, "Asia/Kathmandu")
    kept = ZoneInfo("Asia/Kathmandu")
    query = ReportQuery(starts_at(date(2026, 2, 3), kept), starts_at(date(2026, 4, 1), kept), False, ("day", "hour"))
    async with database.snapshot() as connection:
        assert not [
            each
            for each in (await find_breakages(connection, 5)).findings
            if each.check in ("quarters", "grains", "ranks")
        ]
        for shown in ("Asia/Kathmandu", "UTC"):
            zones = Zones(ZoneInfo(shown), kept)
            blocks = await gather_report(connection, query, zones, BOTH, BY_REVENUE)
            found = {
                (block.currency, group.times, ()): reported(group.figures) for block in blocks for group in block.groups
            }
            assert found == add_up(FACTS, query, zones.shown)
    await database.close()


async def put(service: Service, table: str, cube: str, key: str, at: datetime, **figures: int) -> None:
    names = FIGURES["orders" if table == "analytics_orders" else "quotes"]
    columns = ", ".join(f"{figures.get(name, 0)}::bigint AS {name}" for name in names)
    query = f"SELECT $2::text AS cube, $3::timestamptz AS minute, 'EUR' AS currency, $4::text AS key_a, '' AS key_b, {columns}"
    connection = await asyncpg.connect(service.database_url)
    try:
        async with connection.transaction():
            await connection.execute("UPDATE analytics_state SET time_zone = coalesce(time_zone, 'UTC')")
            await add_rollups(connection, table, names, query, "UTC", cube, at, key)
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("zone", "clock", "other"),
    [
        ("Europe/Istanbul", "23:30", "Asia/Kolkata"),
        ("Asia/Kolkata", "00:15", "UTC"),
        ("Asia/Kathmandu", "23:45", "Asia/Kolkata"),
        ("Australia/Lord_Howe", "00:00", "UTC"),
    ],
)
def test_a_sale_counts_for_the_day_of_the_clock_that_is_asked_for(
    service: Service, admin: httpx.Client, zone: str, clock: str, other: str
) -> None:
    day, tier = (datetime.now(UTC) - timedelta(days=20)).date(), f"tier {uuid4()}"
    at = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    asyncio.run(put(service, "analytics_orders", "tier", tier, at, orders=1, total_minor=500))
    asked = {"tier": tier, "from": str(day), "to": str(day + timedelta(days=1)), "time_zone": zone}
    for path in ("pricing", "commission"):
        reported = admin.get(f"/api/v1/analytics/{path}", params=asked).json()["data"]
        assert reported["time_zone"] == zone
        assert datetime.fromisoformat(reported["from"]) == starts_at(day, ZoneInfo(zone))
        totals = reported["currencies"][0]["totals"]
        assert (totals["sold"]["orders"] if path == "pricing" else totals["orders"]) == 1
    beside = {
        "tier": tier,
        "from": str(day - timedelta(days=2)),
        "to": str(day + timedelta(days=3)),
        "group_by": "day,hour",
    }
    for name in (zone, other):
        groups = admin.get("/api/v1/analytics/pricing", params={**beside, "time_zone": name}).json()["data"][
            "currencies"
        ][0]["groups"]
        local = at.astimezone(ZoneInfo(name))
        assert [group["keys"] for group in groups] == [{"day": str(local.date()), "hour": local.hour}]
    exact = {"tier": tier, "from": at.isoformat(), "to": (at + timedelta(minutes=15)).isoformat()}
    assert admin.get("/api/v1/analytics/pricing", params=exact).json()["data"]["currencies"]
    earlier = {"tier": tier, "from": (at - timedelta(minutes=15)).isoformat(), "to": at.isoformat()}
    assert admin.get("/api/v1/analytics/pricing", params=earlier).json()["data"]["currencies"] == []


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("time_zone=Mars/Olympus", "time_zone"),
        ("time_zone=", "time_zone"),
        ("time_zone=localtime", "time_zone"),
        ("time_zone=right/UTC", "time_zone"),
        ("time_zone=../../etc/passwd", "time_zone"),
        ("time_zone=Asia/Kolkata&from=2026-03-01T10:07:00Z&to=2026-03-02", "from"),
        ("from=2026-03-01T10:00:01Z&to=2026-03-02", "from"),
        ("from=2026-03-01T10:00:00&to=2026-03-02", "from"),
        ("from=2026-02-30&to=2026-03-02", "from"),
        ("from=2026-03-01&to=2026-03-01T10:07:30Z", "to"),
    ],
)
def test_what_is_no_zone_and_no_quarter_is_reported_at_its_field(admin: httpx.Client, query: str, where: str) -> None:
    for path in ("pricing", "commission", "flags", "honoured"):
        assert pointers(admin.get(f"/api/v1/analytics/{path}?{query}")) == [f"/query/{where}"], path


def test_live_figures_are_of_today_by_any_clock(admin: httpx.Client) -> None:
    for zone in ("Asia/Kathmandu", "Pacific/Chatham", "UTC"):
        reported = admin.get("/api/v1/analytics/live", params={"time_zone": zone}).json()["data"]["sales"]
        since = datetime.fromisoformat(reported["since"])
        assert reported["time_zone"] == zone
        assert since == starts_at(datetime.now(UTC).astimezone(ZoneInfo(zone)).date(), ZoneInfo(zone))
    assert pointers(admin.get("/api/v1/analytics/live?time_zone=Nowhere")) == ["/query/time_zone"]
