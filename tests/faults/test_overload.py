"""More than fits, and Redis that lets everybody wait: 503 at once, 504 in time, and the rest of the queue is worked off.

Source: docs/spec/quotes.md#limits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from quote_service.lab.embedded.valkey_server import ValkeyServer
from tests.conftest import eventually
from tests.faults.conftest import price
from tests.faults.load import Client, Seen, is_idle, load
from tests.fixtures.serve import Served, served

PERMITS, PLACES = 4, 300
GUESTS = 20
TIMEOUT_SECONDS = 10.0  # long enough for a queue to be seen full on a busy machine
REDIS_SECONDS = 60.0  # longer than a quote has, so that permits are held for as long as the test likes


@pytest.fixture(scope="module")
def small(server_folder: Path, database_url: str, own_valkey: ValkeyServer) -> Iterator[Served]:
    """A service with few permits and much patience with Redis."""
    settings = {
        "max_concurrency": PERMITS,
        "max_queue": PLACES,
        "timeout_ms": int(TIMEOUT_SECONDS * 1000),
        "redis_timeout_ms": int(REDIS_SECONDS * 1000),
    }
    with served(server_folder, database_url, own_valkey.url, **settings) as running:
        price(running)
        yield running


@pytest.fixture
def service(small: Served) -> Served:
    small.wait_until_ready()
    return small


async def test_the_queue_is_full_and_time_runs_out(service: Served, own_valkey: ValkeyServer) -> None:
    """4 hold permits, 300 wait and are told when their time is over, 50 more are refused at once."""
    seen = Seen()
    asked: list[asyncio.Task[int]] = []

    def ask(count: int) -> None:
        asked.extend(asyncio.create_task(Client(service, seen).ask()) for _ in range(count))

    own_valkey.freeze()
    try:
        ask(PERMITS)
        await eventually(lambda: _holds(service, PERMITS, 0), "all permits are held")
        ask(PLACES + 50)
        await eventually(lambda: seen.statuses[503] == 50, "what does not fit is refused")
        assert seen.retry_after == {b"1"}
        await eventually(lambda: seen.statuses[504] == PLACES, "who waits is told that time is over")
        assert seen.statuses[200] == 0
    finally:
        own_valkey.thaw()
    await asyncio.gather(*asked)
    assert dict(seen.statuses) == {503: 50, 504: PLACES, 200: PERMITS}
    assert seen.wrong == []
    assert seen.broken == []
    await eventually(lambda: is_idle(service), "everything is back")


async def test_who_breaks_off_gives_up_the_place(service: Served, own_valkey: ValkeyServer) -> None:
    """Not when the time is over, but at once: there is room for others, and nobody prices for who has gone.

    Broken off by a reset: who has only ended his sending may still want his answer, and gets it.
    """
    seen = Seen()
    expired_before = await asyncio.to_thread(_expired, service)
    own_valkey.freeze()
    try:
        holding = [asyncio.create_task(Client(service, seen).ask()) for _ in range(PERMITS)]
        await eventually(lambda: _holds(service, PERMITS, 0), "all permits are held")
        clients = [Client(service, seen) for _ in range(GUESTS)]
        waiting = [asyncio.create_task(client.ask()) for client in clients]
        await eventually(lambda: _holds(service, PERMITS, GUESTS), "all of them wait")
        for task, client in zip(waiting, clients, strict=True):
            task.cancel()
            client.reset()
        await eventually(lambda: _holds(service, PERMITS, 0), "the queue is empty")
    finally:
        own_valkey.thaw()
    await asyncio.gather(*holding, *waiting, return_exceptions=True)
    assert dict(seen.statuses) == {200: PERMITS}
    await eventually(lambda: is_idle(service), "everything is back")
    # Some may have been told that time was over before they hung up, on a machine that busy; all were, if none gave up.
    assert await asyncio.to_thread(_expired, service) - expired_before < GUESTS


async def test_a_queue_that_redis_kept_waiting_is_worked_off(service: Served, own_valkey: ValkeyServer) -> None:
    """Redis comes back with an error at once when it is killed: then the whole queue is answered without it."""
    seen = Seen()
    own_valkey.freeze()
    try:
        asked = [asyncio.create_task(Client(service, seen).ask()) for _ in range(PERMITS + PLACES)]
        await eventually(lambda: _holds(service, PERMITS, PLACES), "the queue is full")
    finally:
        await asyncio.to_thread(own_valkey.kill)
        await asyncio.gather(*asked, return_exceptions=True)
        await asyncio.to_thread(own_valkey.start)
    assert dict(seen.statuses) == {200: PERMITS + PLACES}
    assert seen.warnings["quote_not_shared"] == PERMITS + PLACES
    assert seen.wrong == []
    await eventually(lambda: is_idle(service), "everything is back")


async def test_after_it_load_is_answered_as_before(service: Served) -> None:
    async with load(service, clients=PERMITS * 2) as running:
        await running.until_answered(300)
    assert set(running.seen.statuses) == {200}


async def _holds(service: Served, in_use: int, waiting: int) -> bool:
    if (gauges := (await asyncio.to_thread(service.ready)).get("gauges")) is None:
        return False
    quotes = gauges["quotes"]
    return bool((quotes["in_use"], quotes["waiting"]) == (in_use, waiting))


def _expired(service: Served) -> float:
    """Places that were given up because the time was over."""
    lines = httpx.get(f"{service.figures_url}/metrics", timeout=30).raise_for_status().text.splitlines()
    found = [line for line in lines if line.startswith("quote_wait_expired_total")]
    assert found
    return sum(float(line.rsplit(" ", 1)[1]) for line in found)
