"""`quote-service events` on a database and a bus of its own; source: docs/spec/event-bus.md#lag."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.serving.cli import main
from tests.event_bus.bus_of_a_test import GROUP, Bus, bus_on, keys

Run = Callable[..., Result]


@pytest.fixture
def prefix() -> str:
    return f"t{uuid4().hex}-"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, database_url: str, redis_url: str, prefix: str) -> Run:
    for name, value in (("DATABASE_URL", database_url), ("REDIS_URL", redis_url), ("QUOTE_EVENT_PREFIX", prefix)):
        monkeypatch.setenv(name, value)
    return lambda *arguments: CliRunner().invoke(main, ["events", *arguments])


@pytest.mark.usefixtures("empty")
async def test_an_operator_sees_the_lag_and_decides_on_dead_letters(
    database: Database, redis_url: str, prefix: str, run: Run
) -> None:
    good, bad = keys(2)
    async with bus_on(database, Settings(redis_url=redis_url, event_prefix=prefix)) as bus:
        await bus.publish(good, bad)
        await bus.relay()
        assert await _waiting(run) == 2
        bus.ledger.poison.add(bad)
        consumer = await bus.bus.consumer(GROUP, "user-behavior")
        await bus.drain(consumer, bus.group(attempts_max=1))
        assert await _waiting(run) == 0
        (letter,) = await _letters(run, "--group", GROUP)
        assert (letter["key"], letter["state"], letter["attempts"]) == (bad, "dead", 1)
        assert await _letters(run, "--group", "relay") == []
        assert (await _run(run, "dead-letters", "--retry", letter["id"])).exit_code == 0
        assert (await _letters(run))[0]["state"] == "retrying"
        assert (await _run(run, "dead-letters", "--discard", letter["id"])).exit_code == 0
        assert await bus.letters() == []
        assert (await _run(run, "dead-letters", "--discard", letter["id"])).exit_code == 1
        assert (await _run(run, "dead-letters", "--retry-all")).exit_code == 1
        since = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        assert (await _run(run, "replay", "--group", GROUP, "--from", since)).exit_code == 0
        assert await _asked(bus) == 1
        assert (await _run(run, "replay", "--group", GROUP, "--from", "2020-01-01T00:00:00Z")).exit_code == 1
        await consumer.close()


async def _run(run: Run, *arguments: str) -> Result:
    """On a thread: the command has a loop of its own."""
    return await asyncio.to_thread(run, *arguments)


async def _waiting(run: Run) -> int:
    answer = await _run(run, "lag")
    assert answer.exit_code == 0, answer.output
    return sum(each["waiting"] for each in json.loads(answer.stdout)["groups"] if each["consumer_group"] == GROUP)


async def _letters(run: Run, *arguments: str) -> list[Any]:
    answer = await _run(run, "dead-letters", *arguments)
    assert answer.exit_code == 0, answer.output
    return [json.loads(line) for line in answer.stdout.splitlines()]


async def _asked(bus: Bus) -> int:
    async with bus.database.read() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM event_replays"))
