"""Windows are what plain Python makes of the same events, whatever order and batches they come in.

Source: docs/spec/market-analysis.md#windows; docs/spec/market-analysis.md#watermark.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quote_service.intelligence.market_analysis.model.transformations.windows import (
    WINDOW_COLUMNS,
    count_windows,
    placed_moments,
)
from quote_service.intelligence.market_analysis.model.windows.moments import MOMENT_KINDS, Moment, moment_of
from quote_service.intelligence.market_analysis.model.windows.subjects import (
    GROUP_OF,
    SUBJECTS,
    TOPIC_OF,
    WindowSubject,
)
from quote_service.intelligence.market_analysis.model.windows.terms import window_terms
from quote_service.intelligence.market_analysis.operations.count_windows import window_groups
from quote_service.intelligence.market_analysis.operations.engines.duckdb_engine import DuckDbEngine
from quote_service.intelligence.market_analysis.tables.windows import CountedWindow, count_batch
from quote_service.platform.event_bus.model.bus import Delivery
from quote_service.platform.event_bus.model.events import write_event
from quote_service.platform.event_bus.model.groups import GROUPS, groups_of
from quote_service.platform.event_bus.operations.bus_meters import BusMeters
from quote_service.platform.event_bus.operations.handle_batch import Group, handle_batch
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.telemetry.registry import Registry
from tests.deploy.deployment_tools import script
from tests.market_analysis.windows.plain_windows import Plain, plain_windows
from tests.market_analysis.windows.random_events import TERMS, Batches, draw_batches
from tests.market_analysis.windows.stored_windows import forget_all, stored_figures, stored_windows

SEEDS = st.integers(0, 2**32)
OURS = Settings(market_window_seconds=TERMS.width_seconds, market_lateness_seconds=TERMS.lateness_seconds)


def group_of(subject: WindowSubject) -> Group:
    (found,) = [group for group in window_groups(OURS) if group.name == GROUP_OF[subject]]
    return found


async def handle_all(database: Database, group: Group, batches: Batches) -> None:
    meters = BusMeters(Registry())
    for batch in batches:
        deliveries = [Delivery(0, str(place), write_event(event), event) for place, event in enumerate(batch)]
        await handle_batch(database, group, deliveries, meters)


async def handled(database_url: str, subject: WindowSubject, batches: Batches) -> Plain:
    database = await Database.open(database_url, connections_max=2)
    try:
        async with database.transaction() as connection:
            await forget_all(connection)
        await handle_all(database, group_of(subject), batches)
        windows = await stored_windows(database, "postgresql", subject)
        return Plain(windows, *await stored_figures(database, "postgresql", subject))
    finally:
        await database.close()


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_worker_counts_as_plain_python_does(database_url: str, subject: WindowSubject) -> None:
    """Over the consumer's own way: notes of what was handled, the transaction, and the sums in the table."""

    @settings(max_examples=20)
    @given(SEEDS)
    def law(seed: int) -> None:
        now = datetime.now(UTC)
        batches = draw_batches(seed, subject, now)
        expected = plain_windows(batches, TERMS.width_seconds, TERMS.lateness_seconds, now)
        assert asyncio.run(handled(database_url, subject, batches)) == expected

    law()


def test_duckdb_and_postgresql_count_a_batch_alike(database_url: str, tmp_path: Path) -> None:
    """The shared transformation through sqlframe on DuckDB, and the SQL that was made from it."""
    engine = DuckDbEngine(tmp_path, 128)
    columns = ", ".join(f"{name} {kind}" for name, kind in MOMENT_KINDS.items())
    engine._connection.execute(f"CREATE TABLE moments ({columns}, width_us BIGINT)")
    counted = count_windows(engine.api, placed_moments(engine.api, engine._table("moments")))

    async def in_postgresql(moments: list[Moment]) -> list[CountedWindow]:
        database = await Database.open(database_url, connections_max=1)
        try:
            async with database.read() as connection:
                return await count_batch(connection, TERMS, moments)
        finally:
            await database.close()

    try:
        for seed in range(12):
            batches = draw_batches(seed, SUBJECTS[seed % 4], datetime.now(UTC))
            found = {event.id: moment_of(event) for batch in batches for event in batch}
            moments = [moment for moment in found.values() if moment is not None]
            engine._connection.execute("DELETE FROM moments")
            if moments:
                places = ", ".join("?" * (len(MOMENT_KINDS) + 1))
                rows = [[*moment, TERMS.width_us] for moment in moments]
                engine._connection.executemany(f"INSERT INTO moments VALUES ({places})", rows)
            by_duckdb = [CountedWindow(*row) for rows in engine.rows(counted) for row in rows]
            by_postgresql = asyncio.run(in_postgresql(moments))
            assert sorted(map(_plain, by_duckdb)) == sorted(map(_plain, by_postgresql))
            assert bool(by_duckdb) == bool(moments)
    finally:
        engine.close()


def _plain(window: CountedWindow) -> tuple[Any, ...]:
    listings = sorted(each for each in window.listings if each is not None)
    return tuple(str(value) for value in window._replace(listings=listings))


def test_the_columns_are_those_of_the_transformation() -> None:
    assert CountedWindow._fields == WINDOW_COLUMNS


def test_the_sql_is_what_the_transformation_gives() -> None:
    generator = script("generate_windows")
    assert generator.TARGET.read_text("utf-8") == generator.windows_sql(), "run `make windows`"


def test_the_groups_are_those_of_the_bus_and_none_where_spark_counts() -> None:
    """Of a group that nobody reads for, nobody is to be told that it is behind."""
    assert {group.name: group.topic for group in window_groups(OURS)} == {
        GROUP_OF[subject]: TOPIC_OF[subject] for subject in SUBJECTS
    }
    assert groups_of(OURS) == GROUPS
    for none in (Settings(analytics_engine="spark"), Settings(market_window_seconds=0)):
        assert window_groups(none) == []
        assert groups_of(none) == {"behaviour": "user-behavior"}


def test_lateness_is_whole_windows() -> None:
    assert window_terms(300, 0).lateness_seconds == 0
    assert window_terms(300, 1).lateness_seconds == 300
    assert window_terms(300, 900).lateness_seconds == 900
    terms = window_terms(300, 300)
    newest_us = 1_000 * terms.width_us
    assert not terms.is_closed(newest_us - terms.width_us, newest_us)
    assert terms.is_closed(newest_us - 2 * terms.width_us, newest_us)
    assert not terms.is_closed(newest_us - 2 * terms.width_us, newest_us - 1)
    assert not terms.is_closed(0, None)
