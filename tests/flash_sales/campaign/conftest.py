"""A service of each test's own, of real processes, and the servers under it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.lab.embedded.valkey_server import ValkeyServer
from tests.conftest import MakeDatabase
from tests.fixtures.fork_server import ForkServer, fork_server
from tests.flash_sales.campaign.world import World, open_world


@pytest.fixture(name="fork_server")
def shared_fork_server() -> ForkServer:
    return fork_server()


@pytest.fixture
def stock(server_folder: Path) -> Iterator[ValkeyServer]:
    """A Valkey with its append-only file, of the test's own; it may be broken."""
    with ValkeyServer(server_folder / f"stock-{uuid4().hex[:8]}") as server:
        yield server


@pytest.fixture
async def world(
    fork_server: ForkServer,
    server_folder: Path,
    postgres_server: PostgresServer,
    new_database_url: MakeDatabase,
    stock: ValkeyServer,
) -> AsyncIterator[World]:
    """A world on the PostgreSQL that all tests share, which is therefore left alone."""
    name = urlsplit(new_database_url()).path.strip("/")
    async with open_world(fork_server, server_folder, postgres_server, name, stock) as opened:
        yield opened
