"""Spark's stream over a broker that speaks Kafka's protocol counts what plain Python does.

Source: docs/spec/market-analysis.md#spark; docs/spec/market-analysis.md#watermark.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from quote_service.intelligence.market_analysis.model.windows.subjects import SUBJECTS, WindowSubject
from quote_service.intelligence.market_analysis.operations.read_windows import read_market_stream
from quote_service.platform.postgres.pool import Database
from tests.event_bus.broker import Broker
from tests.market_analysis.windows.plain_windows import plain_windows
from tests.market_analysis.windows.published import publish, publish_raw, spark_settings
from tests.market_analysis.windows.random_events import TERMS, draw_batches
from tests.market_analysis.windows.stored_windows import stored_figures, stored_windows
from tests.market_analysis.windows.streaming import Streaming

pytestmark = pytest.mark.time_limit(1200)


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
        reported = await read_market_stream(connection, settings)
    (behaviour,) = [each for each in reported.subjects if each.subject == "behaviour"]
    assert behaviour.unreadable == 8
    assert behaviour.counted == expected.counted
    assert behaviour.watermark is not None
    assert reported.spark is not None
    assert not reported.spark.is_running
