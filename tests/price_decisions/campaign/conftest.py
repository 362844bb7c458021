"""A PostgreSQL of the campaign's own, which may be killed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.platform.postgres.migrate import migrate
from tests.conftest import execute
from tests.flash_sales.campaign.world import postgres_that_may_be_killed


@pytest.fixture(scope="package")
def own_postgres(server_folder: Path) -> Iterator[PostgresServer]:
    server = postgres_that_may_be_killed(server_folder / "prices-postgres")
    server.start()
    yield server
    server.kill()
    server.discard()


@pytest.fixture
async def own_url(own_postgres: PostgresServer) -> AsyncIterator[str]:
    """A database in it."""
    name = f"shop_{uuid4().hex}"
    execute(own_postgres, f"CREATE DATABASE {name}")
    await migrate(own_postgres.url_of(name))
    yield own_postgres.url_of(name)
    execute(own_postgres, f"DROP DATABASE {name} WITH (FORCE)")
