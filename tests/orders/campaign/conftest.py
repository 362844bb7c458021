"""A shop of each test's own, of real processes, and the servers under it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.postgres.migrate import migrate
from tests.fixtures.fork_server import fork_server
from tests.flash_sales.campaign.world import postgres_that_may_be_killed
from tests.orders.campaign.world import OrderWorld, open_order_world


@pytest.fixture(scope="package")
def own_postgres(server_folder: Path) -> Iterator[PostgresServer]:
    server = postgres_that_may_be_killed(server_folder / "orders-postgres")
    server.start()
    yield server
    server.kill()
    server.discard()


@pytest.fixture
def stock(server_folder: Path) -> Iterator[ValkeyServer]:
    """A Valkey of the test's own; it may be broken."""
    with ValkeyServer(server_folder / f"orders-{uuid4().hex[:8]}") as server:
        yield server


@pytest.fixture
async def world(server_folder: Path, own_postgres: PostgresServer, stock: ValkeyServer) -> AsyncIterator[OrderWorld]:
    """A shop all of whose parts may be broken."""
    await migrate(own_postgres.url)
    async with open_order_world(fork_server(), server_folder, own_postgres, "postgres", stock) as opened:
        yield opened
