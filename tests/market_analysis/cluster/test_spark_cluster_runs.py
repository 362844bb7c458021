"""A run of the analysis on a cluster of Spark: its rows, and after executors or their master were killed.

Source: docs/spec/market-analysis.md#engines; docs/spec/market-analysis.md#runs.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from quote_service.intelligence.market_analysis.model.calendar import calendar_until
from quote_service.intelligence.market_analysis.model.runs import HISTORY_DAYS, input_days
from quote_service.intelligence.market_analysis.operations.read_market import read_runs
from quote_service.lab.embedded.processes import OwnedProcess
from quote_service.platform.postgres.pool import Database
from tests.conftest import MakeDatabase
from tests.market_analysis.cluster.spark_cluster import SparkCluster
from tests.market_analysis.plain_analysis import plain_analysis
from tests.market_analysis.random_market import BERLIN, NOW_US, draw_market
from tests.market_analysis.stored_market import store_market, stored_results
from tests.market_analysis.test_runs import in_order
from tests.market_analysis.waiting import PATIENCE_SECONDS, until

pytestmark = pytest.mark.time_limit(2 * PATIENCE_SECONDS)
PRODUCTS = 12
ROOT = Path(__file__).parents[3]

StartRun = Callable[[], OwnedProcess]


@pytest.fixture
def url(new_database_url: MakeDatabase) -> str:
    return new_database_url()


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = await Database.open(url, acquire_seconds=60, statement_seconds=60, lock_seconds=60)
    await store_market(opened, draw_market(7, PRODUCTS), PRODUCTS)
    yield opened
    await opened.close()


@pytest.fixture
def start_run(url: str, cluster: SparkCluster, tmp_path: Path) -> Iterator[StartRun]:
    processes: list[OwnedProcess] = []

    def start() -> OwnedProcess:
        program = "tests.market_analysis.cluster.analyse_once"
        with (tmp_path / "run.log").open("ab") as output:
            processes.append(
                OwnedProcess(
                    [sys.executable, "-m", program, url, cluster.master, str(tmp_path)],
                    last_signal="KILL",
                    cwd=ROOT,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )
            )
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.wait()


async def is_plain(database: Database) -> None:
    """What is stored is what plain Python works out, to the last digit."""
    market = draw_market(7, PRODUCTS)
    whole = market._replace(calendar=calendar_until(NOW_US, BERLIN, input_days(HISTORY_DAYS)))
    expected = plain_analysis(whole, whole.calendar.last - HISTORY_DAYS + 1)
    stored = await stored_results(database)
    assert stored["days"]
    for name, rows in expected.items():
        assert in_order(stored[name]) == in_order(rows), name


async def statuses(database: Database) -> list[tuple[str, str]]:
    async with database.read() as connection:
        return [(run.engine, run.status) for run in await read_runs(connection, 10)]


async def test_a_cluster_gives_what_plain_arithmetic_does(
    database: Database, start_run: StartRun, tmp_path: Path
) -> None:
    done = start_run()
    await until(lambda: done.poll() is not None, "the run ends")
    assert done.poll() == 0, (tmp_path / "run.log").read_text()
    await is_plain(database)
    assert await statuses(database) == [("spark", "done")]


async def test_a_run_whose_executors_are_killed_goes_on_with_others(
    database: Database, start_run: StartRun, cluster: SparkCluster, tmp_path: Path
) -> None:
    run = start_run()
    await until(lambda: cluster.cores_in_use() > 0, "the run has an executor")
    await asyncio.to_thread(cluster.kill, "worker")
    assert (await stored_results(database))["days"] == [], "it was killed too late"
    await asyncio.to_thread(cluster.start_worker)
    await until(lambda: run.poll() is not None, "the run ends")
    assert run.poll() == 0, (tmp_path / "run.log").read_text()
    await is_plain(database)
    assert await statuses(database) == [("spark", "done")]


async def test_a_run_that_a_cluster_gives_nothing_to_fails_and_says_so(
    database: Database, start_run: StartRun, cluster: SparkCluster
) -> None:
    await asyncio.to_thread(cluster.kill, "worker")
    try:
        run = start_run()
        await until(lambda: run.poll() is not None, "the run gives up")
    finally:
        await asyncio.to_thread(cluster.start_worker)
    assert run.poll() == 1
    async with database.read() as connection:
        (reported,) = await read_runs(connection, 10)
    assert (reported.status, reported.detail) == ("failed", "Spark's master gives no executor")
    assert (await stored_results(database))["days"] == []


async def test_a_run_without_a_master_fails_and_says_so(
    database: Database, start_run: StartRun, cluster: SparkCluster
) -> None:
    await asyncio.to_thread(cluster.kill, "worker")
    await asyncio.to_thread(cluster.kill, "master")
    try:
        run = start_run()
        await until(lambda: run.poll() is not None, "the run gives up")
    finally:
        await asyncio.to_thread(cluster.start_master)
        await asyncio.to_thread(cluster.start_worker)
    async with database.read() as connection:
        (reported,) = await read_runs(connection, 10)
    assert reported.status == "failed"
    assert reported.detail.startswith("Spark does not start: java.lang.IllegalStateException")
