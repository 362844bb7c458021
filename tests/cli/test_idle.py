"""What processes ask PostgreSQL while there is nothing to do, and that work is done whoever looks for it.

Rates are told by how often the regular question is asked, which is twice a second for all workers together, so that no clock
is read.

Source: docs/spec/operations.md#idle.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from quote_service.lab.embedded.ports import free_port
from quote_service.platform.postgres.migrate import migrate
from tests.fixtures.postgres_clusters import postgres_server_in
from tests.fixtures.serve import secret_settings, until
from tests.fixtures.service import Started

pytestmark = [
    pytest.mark.second_try("kills and freezes workers, and counts what others ask meanwhile"),
    pytest.mark.long("counts what workers ask in seconds without work"),
]

# Of workers: that one looks for all of them. Of those that answer requests: the heartbeat of each.
LOOK, HEARTBEAT = "AS soon", "has_sales"
ASKED = """
SELECT coalesce(sum(calls) FILTER (WHERE position($1 IN query) > 0), 0)::integer AS regular, sum(calls)::integer AS total
FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%'
"""


class Database:
    """One whose statements are counted."""

    def __init__(self, url: str) -> None:
        self.url = url

    def do(self, statement: str, *arguments: Any) -> list[asyncpg.Record]:
        async def work() -> list[asyncpg.Record]:
            connection = await asyncpg.connect(self.url)
            try:
                return list(await connection.fetch(statement, *arguments))
            finally:
                await connection.close()

        return asyncio.run(work())

    def asked(self, regular: str) -> tuple[int, int]:
        """How often the regular question was asked, and how often anything was, since the counts began."""
        [row] = self.do(ASKED, regular)
        return row["regular"], row["total"] or 0


@pytest.fixture(scope="module")
def database(server_folder: Path) -> Iterator[Database]:
    counting = {"shared_preload_libraries": "pg_stat_statements"}
    server = postgres_server_in(server_folder / "counted", settings=counting)
    server.start()
    try:
        asyncio.run(migrate(server.url))
        found = Database(server.url)
        found.do("CREATE EXTENSION pg_stat_statements")
        yield found
    finally:
        server.discard()


@pytest.fixture
def start(server_folder: Path, database: Database, redis_url: str) -> Iterator[Callable[..., list[Started]]]:
    """Starts processes of one command; they end with the test."""
    with ExitStack() as stack:

        def started(count: int, *arguments: str) -> list[Started]:
            says = "listening" if arguments[0] == "serve" else "background_started"
            environment = {
                "DATABASE_URL": database.url,
                "REDIS_URL": redis_url,
                "QUOTE_METRICS_PORT": "0",
                **secret_settings(),
            }
            made = [
                Started([*arguments], server_folder / f"{arguments[0]}-{free_port()}.log", environment, forked=True)
                for _ in range(count)
            ]
            for each in made:
                stack.callback(each.stop)
            for each in made:
                until(partial(has_said, each, says), "it runs", each)
            return made

        yield started


def has_said(process: Started, event: str) -> bool:
    return event in process.output()


def asked_for_each(database: Database, regular: str, settled: int, counted: int) -> float:
    """Statements for each regular question, once `settled` of these have been asked."""
    database.do("SELECT pg_stat_statements_reset()")
    until(lambda: database.asked(regular)[0] >= settled, "processes have settled")
    database.do("SELECT pg_stat_statements_reset()")
    until(lambda: database.asked(regular)[0] >= counted, "enough is counted")
    times, total = database.asked(regular)
    return total / times


def test_workers_without_work_ask_little_however_many_they_are(
    database: Database, start: Callable[..., list[Started]]
) -> None:
    start(1, "worker")
    # Two looks a second: fewer than five statements.
    assert asked_for_each(database, LOOK, settled=12, counted=16) < 2.5
    start(2, "worker")
    assert asked_for_each(database, LOOK, settled=40, counted=16) < 4.0


def test_a_service_without_requests_asks_little(database: Database, start: Callable[..., list[Started]]) -> None:
    start(1, "serve", "--port", str(free_port()))
    # A heartbeat takes 0.7 s: fewer than two statements a second.
    assert asked_for_each(database, HEARTBEAT, settled=30, counted=16) < 1.4


@contextmanager
def standing_still(process: Started) -> Iterator[None]:
    os.kill(process.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process.process.pid, signal.SIGCONT)


def test_work_is_done_while_the_one_that_looks_stands_still_or_has_died(
    database: Database, start: Callable[..., list[Started]]
) -> None:
    def is_published() -> bool:
        return not database.do("SELECT FROM event_outbox")

    def publish() -> None:
        database.do(
            "INSERT INTO event_outbox (topic, key, type, data) VALUES ('price-updates', 'a', 'price.changed', '{}')"
        )

    workers = start(2, "worker")
    until(lambda: database.asked(LOOK)[0] > 0, "somebody looks")
    # One of the two looks for both.
    for each in workers:
        with standing_still(each):
            publish()
            until(is_published, "what waits is published by the other")
    os.kill(workers[0].process.pid, signal.SIGKILL)
    publish()
    until(is_published, "what waits is published by the one that is left", workers[1])
