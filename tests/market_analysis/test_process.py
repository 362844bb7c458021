"""The loop of a background process, and the process that it starts. Source: docs/spec/market-analysis.md#runs."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from quote_service.intelligence.market_analysis.loops.analysis_process import run_market_analysis
from quote_service.intelligence.market_analysis.operations.read_market import read_runs
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from tests.conftest import PATIENCE_SECONDS, eventually
from tests.market_analysis.random_market import draw_market
from tests.market_analysis.stored_market import store_market

pytestmark = [
    pytest.mark.second_try("kills a process in the middle of its work"),
    pytest.mark.long("whole runs of the analysis in processes of their own"),
]

PRODUCTS = 4


async def test_a_killed_process_is_begun_again(database_url: str) -> None:
    """It is killed while it waits for a lock on what it would write; its lease has run out, and another does the work."""
    database = await Database.open(
        database_url,
        acquire_seconds=PATIENCE_SECONDS,
        statement_seconds=PATIENCE_SECONDS,
        lock_seconds=PATIENCE_SECONDS,
    )
    await store_market(database, draw_market(3, PRODUCTS), PRODUCTS)
    settings = Settings(database_url=database_url, analysis_seconds=int(timedelta(hours=1).total_seconds()))

    async def waits() -> bool:
        async with database.read() as connection:
            return bool(
                await connection.fetchval(
                    "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = "
                    "(SELECT oid FROM pg_database WHERE datname = current_database())"
                )
            )

    async def is_done() -> bool:
        async with database.read() as connection:
            return [run.status for run in await read_runs(connection, 10)] == ["done", "lost"]

    with capture_logs() as logs:
        loop = asyncio.create_task(run_market_analysis(database, settings, look_seconds=0.05, niceness=0))
        try:
            async with database.transaction() as connection:
                await connection.execute("LOCK TABLE market_products IN ACCESS EXCLUSIVE MODE")
                await eventually(waits, "the process works on a batch")
                (started,) = (line for line in logs if line["event"] == "market_analysis_started")
                os.kill(started["pid"], signal.SIGKILL)
                await connection.execute("UPDATE market_runs SET lease_until = now() - interval '1 second'")
            await eventually(is_done, "another process has begun again, and is done")
        finally:
            loop.cancel()
            with pytest.raises(asyncio.CancelledError):
                await loop
    async with database.read() as connection:
        assert await connection.fetchval("SELECT count(*) FROM market_products") == PRODUCTS
    await database.close()
    reported = [(line["event"], line.get("exit_code")) for line in logs if line["event"].startswith("market_analysis")]
    assert reported == [
        ("market_analysis_started", None),
        ("market_analysis_ended", -signal.SIGKILL),
        ("market_analysis_started", None),
    ]
