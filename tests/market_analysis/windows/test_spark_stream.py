"""Spark's stream over a broker that speaks Kafka's protocol counts what plain Python does.

Source: docs/spec/market-analysis.md#spark; docs/spec/market-analysis.md#watermark.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from quote_service.event_bus.operations.open_bus import opened_bus
from quote_service.market_analysis.operations.engines.spark_windows import StreamTerms
from quote_service.market_analysis.operations.read_windows import read_market_stream
from quote_service.market_analysis.operations.run_market_stream import MarketStreamRun
from quote_service.market_analysis.words.windows.subjects import SUBJECTS, TOPIC_OF, WindowSubject
from quote_service.postgres.pool import Database
from quote_service.settings import Settings
from tests.event_bus.broker import Broker
from tests.market_analysis.windows.plain_windows import plain_windows
from tests.market_analysis.windows.published import publish, publish_raw, spark_settings
from tests.market_analysis.windows.random_events import TERMS, draw_batches
from tests.market_analysis.windows.stored_windows import forget_all, stored_figures, stored_windows

pytestmark = pytest.mark.time_limit(1200)


@pytest.fixture
async def spark_database(database_url: str) -> AsyncIterator[Database]:
    opened = await Database.open(database_url, acquire_seconds=60, statement_seconds=60, lock_seconds=60)
    async with opened.transaction() as connection:
        await forget_all(connection)
    yield opened
    await opened.close()


class Streaming:
    """One subject's query, which is told when to look."""

    def __init__(self, database: Database, settings: Settings, session: Any, folder: Path, subject: WindowSubject):
        terms = StreamTerms(settings, TERMS, folder, "python", every_seconds=0)
        self.subject: WindowSubject = subject
        self._database = database
        self._settings = settings
        self._run = MarketStreamRun(database, session, terms, (subject,))

    async def start(self) -> None:
        async with opened_bus(self._settings, self._database) as bus:
            await bus.consumer("windows", TOPIC_OF[self.subject])  # makes the topics
        assert await self._run.hold()

    async def catch_up(self) -> None:
        """Until everything that is there has been counted, and the watermark has moved.

        Where this machine is too slow for Spark's own limits of time, the query is started again as in a worker.
        """
        deadline = time.monotonic() + 900
        while not await self._is_done():
            assert time.monotonic() < deadline, "not caught up"
            await self._run.look()
            await asyncio.sleep(0.1)
        await self._run.look()

    async def _is_done(self) -> bool:
        query = self._run.queries.get(self.subject)
        if query is None:
            return False
        work = asyncio.create_task(asyncio.to_thread(query.processAllAvailable))
        while not work.done():
            await self._run.look()
            await asyncio.wait((work,), timeout=0.2)
        return work.exception() is None

    async def stop(self) -> None:
        await asyncio.to_thread(self._run.stop)
        await self._run.leave("")


@pytest.mark.parametrize(("subject", "seed"), list(zip(SUBJECTS, (3, 26, 8, 21), strict=True)))
async def test_spark_counts_what_plain_python_does(
    spark_database: Database,
    spark_session: Any,
    broker: Broker,
    tmp_path: Path,
    database_url: str,
    subject: WindowSubject,
    seed: int,
) -> None:
    """Batch after batch, with events out of order, twice, late and ahead of the clock."""
    now = datetime.now(UTC)
    batches = [batch for batch in draw_batches(seed, subject, now) if batch]
    expected = plain_windows(batches, TERMS.width_seconds, TERMS.lateness_seconds, now)
    assert expected.late, "nothing would be late: choose another seed"
    settings = spark_settings(broker.address, database_url, tmp_path)
    streaming = Streaming(spark_database, settings, spark_session, tmp_path / "places", subject)
    await streaming.start()
    try:
        for batch in batches:
            await publish(spark_database, settings, batch)
            await streaming.catch_up()
    finally:
        await streaming.stop()
    assert await stored_windows(spark_database, "spark", subject) == expected.windows
    counted, late, ahead = await stored_figures(spark_database, "spark", subject)
    assert counted == expected.counted
    # What comes again when its window is closed is late a second time, and what is ahead is so as often as it comes.
    assert late >= expected.late
    assert ahead >= expected.ahead


async def test_spark_goes_on_behind_what_it_cannot_read_and_after_it_was_stopped(
    spark_database: Database, spark_session: Any, broker: Broker, tmp_path: Path, database_url: str
) -> None:
    now = datetime.now(UTC)
    first, *_, last = [batch for batch in draw_batches(8, "behaviour", now) if batch]
    settings = spark_settings(broker.address, database_url, tmp_path)
    expected = plain_windows([first, last], TERMS.width_seconds, TERMS.lateness_seconds, now)
    for batch in (first, [*first, *last]):
        streaming = Streaming(spark_database, settings, spark_session, tmp_path / "places", "behaviour")
        await streaming.start()
        try:
            for poison in (b"", b"\xff{", b'{"id": 1}', b"[" * 100_000):
                await publish_raw(settings, "user-behavior", poison)
            await publish(spark_database, settings, batch)
            await streaming.catch_up()
        finally:
            await streaming.stop()
    assert await stored_windows(spark_database, "spark", "behaviour") == expected.windows
    async with spark_database.read() as connection:
        told = await read_market_stream(connection, settings)
    (behaviour,) = [each for each in told.subjects if each.subject == "behaviour"]
    assert behaviour.unreadable == 8
    assert behaviour.counted == expected.counted
    assert behaviour.watermark is not None
    assert told.spark is not None
    assert not told.spark.is_running
