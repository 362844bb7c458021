"""SIGTERM in full load, and a worker that is killed: what was accepted is answered.

Source: docs/spec/operations.md#stopping; docs/spec/operations.md#health.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from quote_service.lab.embedded.valkey_server import ValkeyServer
from tests.conftest import eventually
from tests.faults.conftest import price
from tests.faults.load import Client, Load, Seen, load
from tests.fixtures.serve import Served, served

STOP_SECONDS = 30.0
CROWD = 150


class Storm:
    """Clients that connect again for each request; `lost` is what befell those who were connected and got no answer."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.answered = 0
        self.lost: list[str] = []

    async def ask_until_refused(self) -> None:
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            except ConnectionRefusedError:
                return
            try:
                writer.write(b"GET /docs/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n")
                head = await reader.readuntil(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 200 "), head
                await reader.readexactly(int(head.lower().split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0]))
                self.answered += 1
            except (OSError, EOFError) as broken:
                self.lost.append(repr(broken))
            finally:
                writer.close()


@pytest.fixture
def one(server_folder: Path, database_url: str, own_valkey: ValkeyServer) -> Iterator[Served]:
    # A quote waits for as long as it takes to be seen waiting, on a busy machine too.
    with served(server_folder, database_url, own_valkey.url, redis_timeout_ms=8000, timeout_ms=30_000) as running:
        yield running


@pytest.fixture
def two(server_folder: Path, new_database_url: Callable[[], str], own_valkey: ValkeyServer) -> Iterator[Served]:
    with served(server_folder, new_database_url(), own_valkey.url, workers=2) as running:
        price(running)
        yield running


async def test_sigterm_in_full_load(two: Served) -> None:
    """Every client goes on until it is told that its connection ends; none loses a request."""
    running = Load(two, clients=16)
    running.start()
    await running.until_answered(500)
    began = time.monotonic()
    two.started.process.terminate()
    async with asyncio.timeout(STOP_SECONDS):
        await asyncio.gather(*running.tasks)
    reported = time.monotonic() - began
    status = await asyncio.to_thread(two.started.process.wait, STOP_SECONDS)
    print(
        f"\nSIGTERM with two workers: {running.seen.answered} answers, all clients told after {reported:.3f} s, ended after "
        f"{time.monotonic() - began:.3f} s"
    )
    assert status == 0
    assert set(running.seen.statuses) == {200}
    assert running.seen.broken == []
    assert running.seen.wrong == []


@pytest.mark.parametrize("workers", [1, 2])
async def test_sigterm_in_a_storm_of_connections(
    server_folder: Path, database_url: str, own_valkey: ValkeyServer, workers: int
) -> None:
    """Each request on a connection of its own, more than can be accepted at once: whoever is connected is answered."""
    with served(server_folder, database_url, own_valkey.url, workers=workers, drain_seconds=0.2) as running:
        storm = Storm(running.port)
        crowd = [asyncio.create_task(storm.ask_until_refused()) for _ in range(CROWD)]
        await eventually(lambda: storm.answered > 2 * CROWD, "the storm is on")
        running.started.process.terminate()
        async with asyncio.timeout(STOP_SECONDS):
            await asyncio.gather(*crowd)
        assert await asyncio.to_thread(running.started.process.wait, STOP_SECONDS) == 0
        assert storm.lost == []


async def test_sigterm_while_a_quote_waits_for_redis(one: Served, own_valkey: ValkeyServer) -> None:
    seen = Seen()
    client, idle = Client(one, seen), Client(one, seen)
    assert await idle.ask() == 200
    own_valkey.freeze()
    try:
        asked = asyncio.create_task(client.ask())
        await eventually(lambda: _in_use(one), "it waits")
        one.started.process.terminate()
        assert await asked == 200
    finally:
        own_valkey.thaw()
    assert client.is_asked_to_go
    assert seen.warnings["quote_not_shared"] == 1
    assert await asyncio.to_thread(one.started.process.wait, STOP_SECONDS) == 0
    idle.close()


async def test_a_worker_is_killed(two: Served) -> None:
    """Only the requests that it had in hand are lost; connections that wait for it are taken by the next."""
    async with load(two, clients=16) as running:
        await running.until_answered(500)
        killed, left = two.worker_pids()
        began = time.monotonic()
        os.kill(killed, signal.SIGKILL)
        await eventually(lambda: killed not in two.worker_pids(), "another is started")
        replaced = time.monotonic() - began
        fresh = two.worker_pids()
        assert left in fresh
        await eventually(lambda: _all_answer(two), "new connections are all answered")
        well = time.monotonic() - began
        await running.until_answered(500)
    seen = running.seen
    print(
        f"\nOne of two workers killed: {seen.answered} answers, {len(seen.broken)} lost with it, {seen.refused_connections} "
        f"connections refused; another started after {replaced:.3f} s, new connections all answered after {well:.3f} s, "
        f"slowest {seen.slowest_seconds:.3f} s"
    )
    assert set(seen.statuses) == {200}
    assert len(seen.broken) <= 16, "at most what each client had under way"
    assert seen.refused_connections == 0


async def _in_use(service: Served) -> bool:
    gauges = (await asyncio.to_thread(service.ready)).get("gauges")
    return gauges is not None and bool(gauges["quotes"]["in_use"] == 1)


async def _all_answer(service: Served) -> bool:
    """Of 16 new connections the kernel gives some to each worker."""
    seen = Seen()
    clients = [Client(service, seen) for _ in range(16)]
    statuses = await asyncio.gather(*(client.ask() for client in clients))
    for client in clients:
        client.close()
    return set(statuses) == {200}
