"""What shoppers did, by hours and days of any clock. Source: docs/spec/behaviour.md#sums."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quote_service.intelligence.behaviour.model.counts import CountedMinute, count_quarters
from quote_service.intelligence.behaviour.model.shown import Grain, ProductBehaviour
from quote_service.intelligence.behaviour.operations.read_behaviour import show_behaviour
from quote_service.intelligence.behaviour.tables.behaviour import add_quarters
from quote_service.platform.postgres.pool import Database
from tests.conftest import PATIENCE_SECONDS, MakeDatabase

PRODUCT, COUNTED_BEFORE = UUID(int=7), UUID(int=8)
#: Every clock below is put forward and back within these days, but those that never are.
FIRST, LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)
ZONES = [
    "Europe/Berlin",
    "America/St_Johns",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "America/Havana",
    "Europe/Istanbul",
    "UTC",
]
#: Around them something happens in every quarter of an hour; else now and then.
CHANGES = ["2026-03-08", "2026-03-29", "2026-04-04", "2026-09-26", "2026-10-03", "2026-10-25", "2026-11-01"]


def minutes() -> Iterator[datetime]:
    step = timedelta(minutes=7)
    for day in CHANGES:
        begin = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC) - timedelta(days=1)
        yield from (begin + count * step for count in range(3 * 24 * 60 // 7))
    yield from (FIRST + timedelta(hours=5 * count, minutes=count % 60) for count in range(1700))


MINUTES = list(minutes())


@pytest.fixture(scope="module")
def behaviour_url(new_database_url: MakeDatabase) -> str:
    url = new_database_url()

    async def write() -> None:
        database = await Database.open(url, statement_seconds=PATIENCE_SECONDS)
        counted = [CountedMinute(product_id=PRODUCT, minute=minute, views=1) for minute in MINUTES]
        async with database.transaction() as connection:
            await add_quarters(connection, count_quarters(counted))
            # As the release before writes.
            await connection.executemany(
                "INSERT INTO product_behaviour_hours (product_id, hour, views) VALUES ($1, $2, 1)",
                [(COUNTED_BEFORE, FIRST + timedelta(hours=hour)) for hour in range(240)],
            )
        await database.close()

    asyncio.run(write())
    return url


async def shown(
    url: str, since: datetime, until: datetime, zone: str, grain: Grain = "day", product_id: UUID = PRODUCT
) -> ProductBehaviour:
    database = await Database.open(url, statement_seconds=PATIENCE_SECONDS)
    async with database.read() as connection:
        reported = await show_behaviour(
            connection, product_id, grain=grain, since=since, until=until, now=until, zone=ZoneInfo(zone)
        )
    await database.close()
    return reported


periods = st.tuples(st.integers(0, 300), st.integers(1, 40), st.integers(0, 1439))


@settings(max_examples=30)
@given(zone=st.sampled_from(ZONES), period=periods)
def test_days_are_those_of_the_clock(behaviour_url: str, zone: str, period: tuple[int, int, int]) -> None:
    since = FIRST + timedelta(days=period[0], minutes=period[2])
    output = asyncio.run(shown(behaviour_url, since, since + timedelta(days=period[1]), zone))
    clock = ZoneInfo(zone)
    wanted = Counter(minute.astimezone(clock).date() for minute in MINUTES if output.since <= minute < output.until)
    assert {point.at.astimezone(clock).date(): point.views for point in output.points} == wanted
    assert output.totals.views == sum(wanted.values())
    assert (output.time_zone, output.is_exact) == (zone, True)
    assert output.since <= since
    assert since + timedelta(days=period[1]) <= output.until
    for end in (output.since, output.until):
        assert end.astimezone(clock).time().replace(tzinfo=None).isoformat() == "00:00:00"


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", CHANGES)
def test_an_hour_is_what_the_clock_shows_without_being_put(behaviour_url: str, zone: str, day: str) -> None:
    since = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC) - timedelta(hours=15)
    output = asyncio.run(shown(behaviour_url, since, since + timedelta(hours=50), zone, "hour"))
    clock = ZoneInfo(zone)

    def hour_of(at: datetime) -> tuple[object, ...]:
        local = at.astimezone(clock)
        return local.date(), local.hour, local.utcoffset()

    wanted = Counter(hour_of(minute) for minute in MINUTES if output.since <= minute < output.until)
    assert {hour_of(point.at): point.views for point in output.points} == wanted
    assert len(output.points) == len(wanted)
    for point in output.points:
        # It begins where it is said to: a moment before was another.
        assert hour_of(point.at - timedelta(microseconds=1)) != hour_of(point.at)


@pytest.mark.parametrize(
    ("zone", "is_exact"), [("Europe/Berlin", True), ("Asia/Kolkata", False), ("Asia/Kathmandu", False)]
)
@pytest.mark.parametrize("grain", ["hour", "day"])
def test_what_was_counted_by_whole_hours_says_where_it_is_not_exact(
    behaviour_url: str, zone: str, is_exact: bool, grain: Grain
) -> None:
    output = asyncio.run(shown(behaviour_url, FIRST, FIRST + timedelta(days=9), zone, grain, COUNTED_BEFORE))
    assert output.is_exact is is_exact
    # Each counts once all the same, for the hour or day in which it begins.
    begin, end = max(output.since, FIRST), output.until
    assert output.totals.views == -(-(end - begin) // timedelta(hours=1))


def test_a_whole_hour_and_quarters_of_it_stay_a_whole_hour(behaviour_url: str) -> None:
    async def both() -> None:
        database = await Database.open(behaviour_url, statement_seconds=PATIENCE_SECONDS)
        async with database.transaction() as connection:
            counted = [CountedMinute(product_id=COUNTED_BEFORE, minute=FIRST + timedelta(days=20), views=2)]
            await connection.execute(
                "INSERT INTO product_behaviour_hours (product_id, hour, views) VALUES ($1, $2, 1)",
                COUNTED_BEFORE, FIRST + timedelta(days=20),
            )  # fmt: skip
            await add_quarters(connection, count_quarters(counted))
        await database.close()

    asyncio.run(both())
    day = FIRST + timedelta(days=19)
    for zone, is_exact in (("UTC", True), ("Africa/Lagos", True)):
        output = asyncio.run(shown(behaviour_url, day, day + timedelta(days=3), zone, "day", COUNTED_BEFORE))
        assert (output.totals.views, output.is_exact) == (3, is_exact)
