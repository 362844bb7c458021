"""One clock for tests and all their servers, today's or a shifted one: else a test that rests on the hour says nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
import redis

from quote_service.lab.embedded.postgres_server import PostgresServer
from tests.clocks import build_clock, instants_of, why_not

NEAR_SECONDS = 60
# Every way to wait for a while that Python has.
WAITS = """
import asyncio, threading, time
began, monotonic = time.time(), time.monotonic()
time.sleep(0.05)
threading.Event().wait(0.05)
lock = threading.Lock()
lock.acquire()
lock.acquire(timeout=0.05)
asyncio.run(asyncio.sleep(0.05))
print(began, time.monotonic() - monotonic, time.time() - began)
"""


async def test_servers_have_the_clock_of_the_tests(postgres_server: PostgresServer, redis_url: str) -> None:
    connection = await asyncpg.connect(postgres_server.url)
    try:
        at = await connection.fetchval("SELECT clock_timestamp()")
    finally:
        await connection.close()
    with redis.Redis.from_url(redis_url) as client:
        seconds, _ = client.time()
    now = time.time()
    assert (at.timestamp(), seconds) == (pytest.approx(now, abs=NEAR_SECONDS), pytest.approx(now, abs=NEAR_SECONDS))


@pytest.mark.skipif(bool(why_not()), reason=why_not())
@pytest.mark.parametrize("days", [-400, 3])
def test_a_shifted_clock_moves_the_day_and_no_wait(tmp_path: Path, days: int) -> None:
    shift = timedelta(days=days)
    # Beside that of the run, if it has one: the last that is preloaded is asked first and shifts what the next one says.
    preloaded = f"{build_clock(shift, tmp_path)} {os.environ.get('LD_PRELOAD', '')}"
    done = subprocess.run(
        [sys.executable, "-c", WAITS],
        env={**os.environ, "LD_PRELOAD": preloaded},
        capture_output=True,
        text=True,
        check=True,
    )
    began, waited, passed = map(float, done.stdout.split())
    assert began - time.time() == pytest.approx(shift.total_seconds(), abs=NEAR_SECONDS)
    assert 0.2 <= waited < NEAR_SECONDS
    assert passed == pytest.approx(waited, abs=0.05)


@pytest.mark.parametrize("now", [datetime(2026, 11, 23, 22, 57, tzinfo=UTC), datetime(2024, 12, 31, tzinfo=UTC)])
def test_the_instants_are_those_at_which_something_changes(now: datetime) -> None:
    found = instants_of(now)
    assert (found["month-end"] + timedelta(minutes=5)).day == 1
    for name, month in (("march", 3), ("october", 10)):
        change = found[name] + timedelta(minutes=30)
        assert (change.month, change.weekday(), change.hour, change + timedelta(days=7) > now) == (month, 6, 1, True)
        assert (change + timedelta(days=7)).month == month + 1
