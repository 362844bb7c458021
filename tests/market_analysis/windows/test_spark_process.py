"""The process that runs Spark's stream: killed, begun again, and refused where it cannot run.

Source: docs/spec/market-analysis.md#spark.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from quote_service.intelligence.market_analysis.loops.window_stream import run_market_stream
from quote_service.intelligence.market_analysis.operations.read_windows import read_market_stream
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.serving.cli import main
from tests.conftest import eventually
from tests.event_bus.broker import Broker
from tests.market_analysis.conftest import NO_SPARK
from tests.market_analysis.waiting import PATIENCE_SECONDS, until
from tests.market_analysis.windows.plain_windows import Plain, plain_windows
from tests.market_analysis.windows.published import publish, spark_settings
from tests.market_analysis.windows.random_events import TERMS
from tests.market_analysis.windows.stored_windows import forget_all, stored_windows
from tests.market_analysis.windows.stream_process import stream_pid, streamed, view


@pytest.mark.skipif(bool(NO_SPARK), reason=NO_SPARK)
@pytest.mark.time_limit(4 * PATIENCE_SECONDS)
async def test_a_killed_spark_process_is_begun_again_and_counts_nothing_twice(
    database: Database, database_url: str, broker: Broker, tmp_path: Path
) -> None:
    """It is killed with SIGKILL between batches; what it had counted comes again, some of it when its window is closed."""
    async with database.transaction() as connection:
        await forget_all(connection)
    now = datetime.now(UTC)
    begin = now - timedelta(hours=4)
    first = [view(begin + timedelta(minutes=minute), minute % 3) for minute in range(12)]
    newer = [view(begin + timedelta(minutes=90))]
    # Nothing new that is late: whether Spark knew its watermark when it was killed, nobody can say.
    again = [*first[:4], *newer, view(begin + timedelta(minutes=91))]
    batches = [first, newer, again]
    settings = spark_settings(broker.address, database_url, tmp_path)

    def expected(count: int) -> Plain:
        return plain_windows(batches[:count], TERMS.width_seconds, TERMS.lateness_seconds, now)

    async def is_counted(count: int) -> bool:
        return await stored_windows(database, "spark", "behaviour") == expected(count).windows

    def counted_so_far(count: int) -> Callable[[], Any]:
        return lambda: is_counted(count)

    async with streamed(database, settings):
        await eventually_streaming(database, settings)
        for count in (1, 2):
            await publish(database, settings, batches[count - 1])
            await until(counted_so_far(count), f"batch {count}")
        os.kill(stream_pid(), signal.SIGKILL)
        await publish(database, settings, again)
        await until(counted_so_far(3), "what came while it was dead, by another process")
    assert await is_counted(3)
    async with database.read() as connection:
        reported = await read_market_stream(connection, settings)
    assert reported.spark is not None
    assert (reported.spark.is_running, reported.spark.detail) == (False, "")


async def eventually_streaming(database: Database, settings: Settings) -> None:
    async def is_running() -> bool:
        async with database.read() as connection:
            reported = await read_market_stream(connection, settings)
        return reported.spark is not None and reported.spark.is_running

    await until(is_running, "a process streams")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"QUOTE_ANALYTICS_ENGINE": "duckdb"}, "QUOTE_ANALYTICS_ENGINE is not spark"),
        ({"QUOTE_EVENT_BUS": "redis"}, "QUOTE_EVENT_BUS must be kafka"),
        ({"QUOTE_KAFKA_SERVERS": ""}, "QUOTE_KAFKA_SERVERS is required"),
        ({"QUOTE_MARKET_WINDOW_SECONDS": "0"}, "QUOTE_MARKET_WINDOW_SECONDS is 0"),
        ({"QUOTE_MARKET_WINDOW_SECONDS": "7"}, "QUOTE_MARKET_WINDOW_SECONDS must be 0, or 10 or more"),
        ({"QUOTE_MARKET_WINDOW_SECONDS": "1700"}, "QUOTE_MARKET_WINDOW_SECONDS must be 0, or 10 or more"),
        ({"QUOTE_ANALYSIS_DIR": ""}, "QUOTE_ANALYSIS_DIR is required"),
    ],
)
def test_a_stream_that_cannot_run_says_why(database_url: str, given: dict[str, str], reason: str) -> None:
    environment = {
        "DATABASE_URL": database_url,
        "QUOTE_ANALYTICS_ENGINE": "spark",
        "QUOTE_EVENT_BUS": "kafka",
        "QUOTE_KAFKA_SERVERS": "127.0.0.1:1",
        "QUOTE_ANALYSIS_DIR": "/nowhere",
        **given,
    }
    refused = CliRunner().invoke(main, ["intelligence", "stream"], env=environment)
    assert refused.exit_code == 1
    assert reason in refused.output


def test_a_worker_with_spark_and_no_kafka_is_refused_at_its_start(database_url: str, redis_url: str) -> None:
    environment = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "QUOTE_ANALYTICS_ENGINE": "spark"}
    refused = CliRunner().invoke(main, ["worker"], env=environment)
    assert refused.exit_code == 1
    assert "QUOTE_EVENT_BUS must be kafka with QUOTE_ANALYTICS_ENGINE=spark" in refused.output
    none = CliRunner().invoke(main, ["worker"], env={**environment, "QUOTE_MARKET_WINDOW_SECONDS": "0"})
    assert "QUOTE_EVENT_BUS" not in none.output


def test_a_worker_on_a_cluster_and_no_folder_is_refused_at_its_start(database_url: str, redis_url: str) -> None:
    environment = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "QUOTE_ANALYTICS_ENGINE": "spark"}
    refused = CliRunner().invoke(main, ["worker"], env={**environment, "SPARK_MASTER": "spark://spark.internal:7077"})
    assert refused.exit_code == 1
    assert "QUOTE_ANALYSIS_DIR is required with a cluster" in refused.output
    within = CliRunner().invoke(main, ["worker"], env={**environment, "SPARK_MASTER": "local[2]"})
    assert "QUOTE_ANALYSIS_DIR" not in within.output


async def test_a_worker_that_cannot_stream_says_so_once_and_goes_on(database: Database) -> None:
    with capture_logs() as logs:
        loop = asyncio.create_task(run_market_stream(database, Settings(analytics_engine="spark"), look_seconds=0.01))
        await eventually(lambda: bool(logs), "it says why")
        loop.cancel()
        with pytest.raises(asyncio.CancelledError):
            await loop
    (said,) = logs
    assert (said["event"], said["reason"]) == (
        "market_windows_not_streamed",
        "QUOTE_EVENT_BUS must be kafka: Spark reads no Redis",
    )
