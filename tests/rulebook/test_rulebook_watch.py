"""The watch: what is committed is held, through lost notifications, unreadable rows and a server that goes."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from quote_service.platform.postgres.migrate import migrate
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.supervisor import Supervisor
from quote_service.pricing.rulebook.stored import RulebookChanges
from quote_service.rulebook.snapshot.loops.rulebook_watch import watch_rulebook
from quote_service.rulebook.snapshot.model.position import Known
from quote_service.rulebook.snapshot.operations.refresh_rulebook import refresh_rulebook
from quote_service.rulebook.snapshot.tables.rulebook_listener import RulebookListener
from quote_service.rulebook.snapshot.tables.rulebook_rows import read_version
from tests.conftest import PATIENCE_SECONDS, eventually
from tests.fixtures.postgres_clusters import postgres_server_in
from tests.postgres.holder import HeldRows
from tests.postgres.rows import change, insert_flag, insert_rate, insert_rule

MakeDatabase = Callable[[], str]


Watch = Callable[..., Any]


class Watched:
    """A database, and a holder that a supervised watch keeps up to date."""

    def __init__(self, url: str, database: Database, poll_seconds: float, flags_again_seconds: float) -> None:
        self.database = database
        self.holder: HeldRows = HeldRows()
        self.listener = RulebookListener(url, poll_seconds=poll_seconds)
        self.supervisor = Supervisor(backoff_seconds=(0.05,))
        self.supervisor.start(
            "rulebook",
            lambda: watch_rulebook(database, self.listener, self.holder, flags_again_seconds=flags_again_seconds),
        )

    async def close(self) -> None:
        await self.supervisor.stop()
        await self.database.close()


@pytest.fixture
async def watch() -> AsyncIterator[Watch]:
    """Starts watches; they end with the test."""
    watched: list[Watched] = []

    async def start(url: str, *, poll_seconds: float = 0.5, flags_again_seconds: float = 3600.0) -> Watched:
        watched.append(Watched(url, await Database.open(url), poll_seconds, flags_again_seconds))
        return watched[-1]

    yield start
    for one in watched:
        await one.close()


async def test_what_is_committed_is_held_without_waiting_for_a_poll(
    watch: Watch, new_database_url: MakeDatabase
) -> None:
    watched = await watch(new_database_url(), poll_seconds=10 * PATIENCE_SECONDS)
    await eventually(lambda: watched.holder.version > 0, "the first reading")
    async with watched.database.transaction() as connection:
        rate = await insert_rate(connection)
    await eventually(lambda: rate in watched.holder.rates, "the new rate is held")
    async with watched.database.transaction() as connection:
        await change(connection, "commission_rates", rate, is_active=False)
    await eventually(lambda: rate not in watched.holder.rates, "the switched-off rate is gone")
    assert watched.holder.complete_reads == 1


async def test_a_server_that_goes_and_comes_back_is_followed_again(watch: Watch, server_folder: Path) -> None:
    server = postgres_server_in(server_folder / "postgres-watched")
    server.start()
    try:
        await migrate(server.url)
        watched = await watch(server.url)
        async with watched.database.transaction() as connection:
            before = await insert_rate(connection)
        await eventually(lambda: before in watched.holder.rates, "the first rate is held")
        for end in (server.stop, server.kill):
            end()
            await eventually(
                lambda: not watched.listener.is_connected, "the listener knows that the server is unavailable"
            )
            assert before in watched.holder.rates
            server.start()
            writing = await Database.open(server.url)
            async with writing.transaction() as connection:
                after = await insert_rate(connection)
            await writing.close()
            await eventually(lambda after=after: after in watched.holder.rates, "the rate written since is held")
        everything = HeldRows()
        await refresh_rulebook(watched.database, everything)
        assert watched.holder.content() == everything.content()
        assert watched.supervisor.running() == {"rulebook"}
    finally:
        server.discard()


async def test_the_server_may_be_away_when_the_watch_starts(watch: Watch, server_folder: Path) -> None:
    server = postgres_server_in(server_folder / "postgres-late")
    server.start()
    try:
        await migrate(server.url)
        url = server.url
        server.stop()
        watched = await watch(url)
        server.start()
        await eventually(lambda: watched.holder.version > 0, "the first reading")
    finally:
        server.discard()


async def test_an_unreadable_row_leaves_what_is_held_until_it_is_out_of_the_way(
    watch: Watch, new_database_url: MakeDatabase
) -> None:
    with capture_logs() as logged:
        watched = await watch(new_database_url())
        await eventually(lambda: watched.holder.version > 0, "the first reading")
        before = watched.holder.version
        async with watched.database.transaction() as connection:
            rule = await insert_rule(connection, conditions={"phase_of_moon": "full"})
            flag = await insert_flag(connection)
        await eventually(lambda: any(one["event"] == "worker_failed" for one in logged), "the failure is logged")
    assert watched.holder.version == before
    async with watched.database.transaction() as connection:
        await change(connection, "pricing_rules", rule, is_active=False)
    await eventually(lambda: flag in watched.holder.flags, "the flag of the same transaction is held")
    assert rule not in watched.holder.rules


async def test_a_holder_that_fails_is_given_the_changes_again(watch: Watch, new_database_url: MakeDatabase) -> None:
    class Stumbling(HeldRows):
        stumbles = 0

        def apply(self, changes: RulebookChanges, known: Known | None = None) -> None:
            if changes.rates and self.stumbles < 3:
                self.stumbles += 1
                raise ZeroDivisionError
            super().apply(changes, known)

    watched = await watch(new_database_url())
    watched.holder = Stumbling()
    await eventually(lambda: watched.holder.version > 0, "the first reading")
    async with watched.database.transaction() as connection:
        rate = await insert_rate(connection)
    await eventually(lambda: rate in watched.holder.rates, "the rate is held")
    assert watched.holder.stumbles == 3


async def test_all_flags_are_taken_again_from_time_to_time(watch: Watch, new_database_url: MakeDatabase) -> None:
    url = new_database_url()
    database = await Database.open(url)
    async with database.transaction() as connection:
        flag = await insert_flag(connection)
        version = await read_version(connection)
    await database.close()
    watched = await watch(url, poll_seconds=0.02, flags_again_seconds=0.05)
    await eventually(lambda: flag in watched.holder.flags, "the first reading")
    del watched.holder.flags[flag]
    await eventually(lambda: flag in watched.holder.flags, "the lost flag is held again")
    assert (watched.holder.version, watched.holder.complete_reads) == (version, 1)


async def test_what_is_held_is_confirmed_by_each_poll(watch: Watch, new_database_url: MakeDatabase) -> None:
    watched = await watch(new_database_url(), poll_seconds=0.02)
    await eventually(lambda: watched.holder.confirmations > 2, "three polls found nothing new")
    assert len(watched.holder.applied) == 1
