"""Real servers for every test: one PostgreSQL and one Valkey a session, a fresh migrated database a module."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest
import redis
from hypothesis import HealthCheck, settings

from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.postgres.migrate import migrate
from quote_service.platform.postgres.pool import Database
from tests.fixtures.postgres_clusters import postgres_server_in
from tests.fixtures.server_folders import server_folder_of_session
from tests.fixtures.service import admin, anonymous, checkout, key_with, service  # noqa: F401 (fixtures)
from tests.session.certificates import read_certificates_once
from tests.session.loggers import keep_no_loggers

pytest_plugins = [
    f"tests.session.{plugin}"
    for plugin in ("garbage", "folder_marks", "time_limit", "runs", "second_tries", "long_tests")
]
read_certificates_once()
keep_no_loggers()

PATIENCE_SECONDS = 120.0
TEMPLATE = "quote_template"
# How long an example takes is the business of whoever else uses the machine, and no law.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

MakeDatabase = Callable[[], str]


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """A folder that the accounts of the servers may pass through (pytest's own are closed to them)."""
    with server_folder_of_session() as folder:
        yield folder


@pytest.fixture(scope="session")
def postgres_server(server_folder: Path) -> Iterator[PostgresServer]:
    """The session's PostgreSQL. Shared: a test that stops or starves a server makes one of its own."""
    server = postgres_server_in(server_folder / "postgres", max_connections=200)
    server.start()
    yield server
    server.discard()


@pytest.fixture(scope="session")
def valkey_server(server_folder: Path) -> Iterator[ValkeyServer]:
    """The session's Valkey. Shared: a test that stops or freezes a server makes one of its own."""
    # With its file, for a service that sells with another one is degraded.
    with ValkeyServer(server_folder / "valkey") as server:
        yield server


@pytest.fixture(scope="session")
def migrated_template(postgres_server: PostgresServer) -> str:
    """The name of a migrated database that others are copied from."""
    execute(postgres_server, f"CREATE DATABASE {TEMPLATE}")
    _run_apart(migrate(postgres_server.url_of(TEMPLATE)))
    return TEMPLATE


@pytest.fixture(scope="module")
def new_database_url(postgres_server: PostgresServer, migrated_template: str) -> Iterator[MakeDatabase]:
    """Makes databases with the schema and no rows, and answers their URLs; they go when the module is done."""
    # Copied as files: through the log it takes half as long again.
    yield from _databases(postgres_server, f"TEMPLATE {migrated_template} STRATEGY FILE_COPY")


@pytest.fixture(scope="module")
def new_empty_database_url(postgres_server: PostgresServer) -> Iterator[MakeDatabase]:
    """Makes databases without even a schema, and answers their URLs; they go when the module is done."""
    yield from _databases(postgres_server, "")


@pytest.fixture(scope="module")
def database_url(new_database_url: MakeDatabase) -> str:
    """URL of a migrated database for this module alone; its tests share it, so each brings rows of its own."""
    return new_database_url()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The module's database as the flows see it, with time for machines that others use too."""
    opened = await Database.open(database_url, statement_seconds=PATIENCE_SECONDS)
    yield opened
    await opened.close()


@pytest.fixture(scope="module")
def redis_url(valkey_server: ValkeyServer) -> str:
    """URL of the session's Valkey, emptied for this module; its tests share it."""
    with redis.Redis.from_url(valkey_server.url) as client:
        client.flushall()
    return valkey_server.url


async def eventually(holds: Callable[[], bool] | Callable[[], Awaitable[bool]], what: str) -> None:
    """Return as soon as it holds; fail when it does not within `PATIENCE_SECONDS`."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        held = holds()
        if held if isinstance(held, bool) else await held:
            return
        if time.monotonic() > deadline:
            pytest.fail(f"not within {PATIENCE_SECONDS:.0f} s: {what}")
        await asyncio.sleep(0.01)


def execute(server: PostgresServer, statement: str) -> None:
    """Run one statement as the superuser, outside any transaction."""

    async def run() -> None:
        connection = await asyncpg.connect(server.url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    _run_apart(run())


def _run_apart(work: Coroutine[None, None, object]) -> None:
    # On a thread of its own: fixtures are called within a running loop too.
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(asyncio.run, work).result()


def _databases(server: PostgresServer, origin: str) -> Iterator[MakeDatabase]:
    made: list[str] = []

    def make() -> str:
        made.append(f"test_{secrets.token_hex(6)}")
        execute(server, f"CREATE DATABASE {made[-1]} {origin}")
        return server.url_of(made[-1])

    yield make
    for name in made:
        execute(server, f"DROP DATABASE {name} WITH (FORCE)")
