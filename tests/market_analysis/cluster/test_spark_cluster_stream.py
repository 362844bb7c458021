"""The stream of windows on a cluster of Spark: executors, its driver and the master are killed, and every event counts once.

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

from quote_service.intelligence.market_analysis.operations.read_windows import read_market_stream
from quote_service.platform.event_bus.model.events import Event
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from tests.event_bus.broker import Broker
from tests.market_analysis.cluster.spark_cluster import SparkCluster
from tests.market_analysis.waiting import PATIENCE_SECONDS, until
from tests.market_analysis.windows.plain_windows import Plain, plain_windows
from tests.market_analysis.windows.published import publish, spark_settings
from tests.market_analysis.windows.random_events import TERMS
from tests.market_analysis.windows.stored_windows import forget_all, stored_windows
from tests.market_analysis.windows.stream_process import stream_pid, streamed, view

pytestmark = pytest.mark.time_limit(6 * PATIENCE_SECONDS)
#: Of a batch that something is killed in the midst of.
MANY = 4000


class Batches:
    """The checkpoint of a subject, as a process on this machine sees it: batches that are planned, and done."""

    def __init__(self, settings: Settings, subject: str) -> None:
        (width, lateness), prefix = TERMS, settings.event_prefix
        self._folder = Path(settings.analysis_dir) / "windows" / f"{prefix}{subject}-{width}-{lateness}-python"

    def newest(self, kind: str) -> int:
        """The number of the newest batch in `offsets` or `commits`; -1 before the first."""
        return max((int(each.name) for each in (self._folder / kind).glob("[0-9]*")), default=-1)

    def is_under_way(self) -> bool:
        return self.newest("offsets") > self.newest("commits")


class Shown:
    """Batches of events that were published so far, none of them late, and what they come to."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._now = datetime.now(UTC)
        self._batches: list[list[Event]] = []

    async def report(self, count: int) -> None:
        """Some events a minute later than those before, and a few of those before once more."""
        begin = self._now - timedelta(hours=2) + timedelta(minutes=len(self._batches))
        new = [view(begin + timedelta(milliseconds=number), number % 3) for number in range(count)]
        again = [event for batch in self._batches for event in batch[:5]]
        self._batches.append([*new, *again])
        await publish(self._database, self._settings, self._batches[-1])

    def expected(self) -> Plain:
        return plain_windows(self._batches, TERMS.width_seconds, TERMS.lateness_seconds, self._now)

    async def is_counted(self) -> bool:
        return await stored_windows(self._database, "spark", "behaviour") == self.expected().windows


async def test_nothing_is_lost_or_counted_twice_whatever_is_killed(
    database: Database, database_url: str, broker: Broker, cluster: SparkCluster, tmp_path: Path
) -> None:
    async with database.transaction() as connection:
        await forget_all(connection)
    settings = spark_settings(broker.address, database_url, tmp_path, spark_master=cluster.master)
    reported, batches = Shown(database, settings), Batches(settings, "behaviour")

    async def kill_in_the_midst(kill: Callable[[], Any]) -> None:
        await reported.report(MANY)
        await until(batches.is_under_way, "a batch is planned")
        planned = batches.newest("offsets")
        await asyncio.to_thread(kill)
        assert batches.newest("commits") < planned, "it was killed too late"

    async with streamed(database, settings):
        await reported.report(40)
        await until(reported.is_counted, "the first batch")

        await kill_in_the_midst(lambda: cluster.kill("worker"))
        await asyncio.to_thread(cluster.start_worker)
        await until(reported.is_counted, "what executors were at when they were killed, by others")

        driver = stream_pid()
        assert driver
        await kill_in_the_midst(lambda: os.kill(driver, signal.SIGKILL))
        await until(reported.is_counted, "what the driver was at when it was killed, by the next one")
        assert stream_pid() != driver

        await asyncio.to_thread(cluster.kill, "master")
        await asyncio.to_thread(cluster.start_master)
        await reported.report(40)
        await until(reported.is_counted, "what came behind a master that knows nobody")
    assert await reported.is_counted()
    async with database.read() as connection:
        stream = await read_market_stream(connection, settings)
    assert stream.spark is not None
    assert (stream.spark.is_running, stream.spark.detail) == (False, "")
