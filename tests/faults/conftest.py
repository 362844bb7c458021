"""A service on a PostgreSQL and a Valkey of its own, that faults may be done to; each test finds it well and leaves it so."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.postgres.migrate import migrate
from tests.faults.load import RULES, TOTAL
from tests.faults.slow_link import SlowLink, slow_link
from tests.fixtures.postgres_clusters import postgres_server_in
from tests.fixtures.serve import QUOTE, Served, a_basket, exact, served, until


@pytest.fixture(scope="package")
def own_postgres(server_folder: Path) -> Iterator[PostgresServer]:
    server = postgres_server_in(server_folder / "faults-postgres")
    server.start()
    yield server
    server.discard()


@pytest.fixture(scope="package")
def own_valkey(server_folder: Path) -> Iterator[ValkeyServer]:
    # With its file, for a service that sells with another one is degraded.
    with ValkeyServer(server_folder / "faults-valkey") as server:
        yield server


@pytest.fixture(scope="package")
def link(own_valkey: ValkeyServer) -> Iterator[SlowLink]:
    with slow_link(own_valkey.port) as opened:
        yield opened


@pytest.fixture(scope="package")
def faulty(
    server_folder: Path, own_postgres: PostgresServer, own_valkey: ValkeyServer, link: SlowLink
) -> Iterator[Served]:
    """One worker that reaches its Valkey over a link that can be made slow."""
    _migrate(own_postgres.url)
    with served(server_folder, own_postgres.url, link.through(own_valkey.url)) as running:
        price(running)
        yield running


@pytest.fixture
def service(faulty: Served) -> Iterator[Served]:
    """The service, well before and after."""
    faulty.wait_until_ready()
    yield faulty
    faulty.wait_until_ready()
    quotes = faulty.ready()["gauges"]["quotes"]
    assert (quotes["in_use"], quotes["waiting"]) == (0, 0)


def price(running: Served) -> None:
    """Give it the rules of the load, and wait until the quotes of each of two workers follow them."""
    with running.admin() as admin:
        for rule in RULES:
            answer = admin.post("/api/v1/pricing-rules", json=rule)
            assert answer.status_code == 201, answer.text
    following = 0

    def follows() -> bool:
        nonlocal following
        with running.checkout() as checkout:  # a new connection each time, which the kernel gives to either
            answer = exact(checkout.post(QUOTE, json=a_basket()))
        following = following + 1 if answer["data"]["total_amount"] == TOTAL else 0
        return following >= 16

    until(follows, "quotes follow the rules", running.started)


def _migrate(url: str) -> None:
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(asyncio.run, migrate(url)).result()
