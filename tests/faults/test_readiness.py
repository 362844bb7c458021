"""Readiness says of each server what is so: killed, standing still, and back again, in `serve` and in `worker`.

Source: docs/spec/operations.md#health; docs/decisions/unavailable-servers.md.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import httpx
import pytest

from quote_service.lab.embedded.ports import free_port
from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.lab.embedded.valkey_server import ValkeyServer
from tests.faults.conftest import _migrate
from tests.fixtures.postgres_clusters import postgres_server_in
from tests.fixtures.serve import Served, secret_settings, served, until
from tests.fixtures.service import Started
from tests.flash_sales.campaign.world import signal_postgres

Servers = dict[str, PostgresServer | ValkeyServer]


class World(NamedTuple):
    """A service and a worker on four servers of their own."""

    servers: Servers
    service: Served
    worker: Started
    worker_url: str


@pytest.fixture(scope="module")
def world(server_folder: Path) -> Iterator[World]:
    folder = server_folder / "readiness"
    folder.mkdir()
    folder.chmod(0o755)
    postgres = postgres_server_in(folder / "postgres")
    postgres.start()
    _migrate(postgres.url)
    port = free_port()
    with (
        ValkeyServer(folder / "redis") as redis,
        ValkeyServer(folder / "stock") as stock,
        ValkeyServer(folder / "bus") as bus,
        served(folder, postgres.url, redis.url, stock_redis_url=stock.url, event_redis_url=bus.url) as service,
    ):
        worker = Started(
            ["worker"],
            folder / "worker.log",
            {
                "DATABASE_URL": postgres.url,
                "REDIS_URL": redis.url,
                "QUOTE_STOCK_REDIS_URL": stock.url,
                "QUOTE_EVENT_REDIS_URL": bus.url,
                "QUOTE_WORKER_METRICS_PORT": str(port),
                **secret_settings(),
            },
            forked=True,
        )
        servers: dict[str, PostgresServer | ValkeyServer] = {
            "postgres": postgres,
            "redis": redis,
            "stock_redis": stock,
            "event_bus": bus,
        }
        yield World(servers, service, worker, f"http://127.0.0.1:{port}")
        worker.stop()
    postgres.discard()


@pytest.mark.parametrize("fault", ["killed", "frozen"])
@pytest.mark.parametrize(
    ("name", "of_service", "of_worker"),
    [
        ("stock_redis", True, True),
        ("redis", True, False),
        ("event_bus", False, True),
        ("postgres", True, True),
    ],
)
def test_each_server_is_down_as_long_as_it_is(
    world: World, name: str, of_service: bool, of_worker: bool, fault: str
) -> None:
    asked = [
        ask
        for ask, concerns in ((world.service.ready, of_service), (lambda: ready(world.worker_url), of_worker))
        if concerns
    ]
    for ask in asked:
        until(lambda ask=ask: ask().get("status") == "ready", f"well before: {ask()}")  # type: ignore[misc]
    server = world.servers[name]
    end = _begin(server, fault)
    try:
        for ask in asked:
            until(lambda ask=ask: _is_up(ask, name) is False, f"{name} is down: {ask()}")  # type: ignore[misc]
            reported = ask()
            assert reported["status"] == "degraded"
            assert name in reported["reason"]
            others = {other for other in reported["dependencies"] if other not in (name, "event_bus")}
            assert {other for other in others if not _is_up(ask, other)} == set()
        if name == "event_bus":
            assert world.service.ready()["status"] == "ready"  # quotes and orders do not wait for it
    finally:
        end()
    for ask in asked:
        until(lambda ask=ask: ask().get("status") == "ready", f"well again: {ask()}")  # type: ignore[misc]


def test_a_database_that_takes_no_changes_is_warned_of(world: World) -> None:
    async def set_to(value: str) -> None:
        connection = await asyncpg.connect(world.servers["postgres"].url)
        await connection.execute("SET default_transaction_read_only = off")
        await connection.execute(f"ALTER SYSTEM SET default_transaction_read_only = {value}")
        await connection.execute("SELECT pg_reload_conf()")
        await connection.close()

    try:
        asyncio.run(set_to("on"))
        until(lambda: "takes no changes" in world.service.ready().get("reason", ""), "it is warned of")
        assert world.service.ready()["status"] == "degraded"
    finally:
        asyncio.run(set_to("off"))
    world.service.wait_until_ready()


def ready(url: str) -> dict[str, Any]:
    """What readiness says; empty while nothing answers."""
    try:
        return dict(httpx.get(f"{url}/health/ready", timeout=30).json())
    except httpx.TransportError:
        return {}


def _is_up(ask: Callable[[], dict[str, Any]], name: str) -> bool | None:
    found = ask().get("dependencies", {}).get(name)
    return None if found is None else bool(found["is_up"])


def _begin(server: PostgresServer | ValkeyServer, fault: str) -> Callable[[], None]:
    """Do it, and answer what ends it."""
    if fault == "killed":
        server.kill()
        return server.start
    if isinstance(server, ValkeyServer):
        server.freeze()
        return server.thaw
    signal_postgres(server, signal.SIGSTOP)
    return lambda: signal_postgres(server, signal.SIGCONT)
