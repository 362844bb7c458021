"""A service of each test's own, of real processes, and the servers under it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from quote_service.embedded.postgres_server import PostgresServer
from quote_service.embedded.valkey_server import ValkeyServer
from tests.conftest import MakeDatabase
from tests.flash_sales.campaign.nursery import Nursery
from tests.flash_sales.campaign.world import World, open_world


@pytest.fixture(scope="package")
def nursery() -> Iterator[Nursery]:
    with Nursery() as opened:
        yield opened


@pytest.fixture
def stock(server_folder: Path) -> Iterator[ValkeyServer]:
    """A Valkey with its append-only file, of the test's own; it may be broken."""
    with ValkeyServer(server_folder / f"stock-{uuid4().hex[:8]}") as server:
        yield server


@pytest.fixture
async def world(
    nursery: Nursery,
    server_folder: Path,
    postgres_server: PostgresServer,
    new_database_url: MakeDatabase,
    stock: ValkeyServer,
) -> AsyncIterator[World]:
    """A world on the PostgreSQL that all tests share, which is therefore left alone."""
    name = urlsplit(new_database_url()).path.strip("/")
    async with open_world(nursery, server_folder, postgres_server, name, stock) as opened:
        yield opened
