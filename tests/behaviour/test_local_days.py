"""What shoppers did, by local days. Source: docs/spec/behaviour.md#sums."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quote_service.intelligence.behaviour.model.counts import Counts
from quote_service.intelligence.behaviour.model.shown import ProductBehaviour
from quote_service.intelligence.behaviour.operations.read_behaviour import show_behaviour
from quote_service.intelligence.behaviour.tables.behaviour import add_hours
from quote_service.platform.postgres.pool import Database
from tests.conftest import PATIENCE_SECONDS, MakeDatabase

PRODUCT = UUID(int=7)
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
HOURS = [FIRST + timedelta(hours=5 * count + count % 3) for count in range(1600)]
ZONES = [
    "Europe/Istanbul",
    "Europe/Berlin",
    "America/Havana",
    "America/New_York",
    "Atlantic/Azores",
    "UTC",
    "Asia/Kolkata",
]


@pytest.fixture(scope="module")
def behaviour_url(new_database_url: MakeDatabase) -> str:
    url = new_database_url()

    async def write() -> None:
        database = await Database.open(url, statement_seconds=PATIENCE_SECONDS)
        async with database.transaction() as connection:
            await add_hours(connection, {(PRODUCT, hour): Counts(views=1) for hour in HOURS})
        await database.close()

    asyncio.run(write())
    return url


async def shown(url: str, since: datetime, until: datetime, zone: str) -> ProductBehaviour:
    database = await Database.open(url, statement_seconds=PATIENCE_SECONDS)
    async with database.read() as connection:
        told = await show_behaviour(
            connection, PRODUCT, grain="day", since=since, until=until, now=until, zone=ZoneInfo(zone)
        )
    await database.close()
    return told


@settings(max_examples=20)
@given(zone=st.sampled_from(ZONES), first=st.integers(0, 300), days=st.integers(1, 40), minute=st.integers(0, 1439))
def test_days_are_those_of_the_clock(behaviour_url: str, zone: str, first: int, days: int, minute: int) -> None:
    since = FIRST + timedelta(days=first, minutes=minute)
    told = asyncio.run(shown(behaviour_url, since, since + timedelta(days=days), zone))
    clock = ZoneInfo(zone)
    wanted = Counter(hour.astimezone(clock).date() for hour in HOURS if told.since <= hour < told.until)
    assert {point.at.astimezone(clock).date(): point.views for point in told.points} == wanted
    assert told.totals.views == sum(wanted.values())
    assert (told.time_zone, told.is_exact) == (zone, zone != "Asia/Kolkata")
    for end in (told.since, told.until):
        assert end.astimezone(clock).time().replace(tzinfo=None).isoformat() == "00:00:00"
