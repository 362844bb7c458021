"""Hearing of versions: notified, polled when a notification is lost, and again after any loss of the connection."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from urllib.parse import urlsplit

import pytest

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Unavailable
from quote_service.rulebook.snapshot.tables.rulebook_listener import RulebookListener
from quote_service.rulebook.snapshot.tables.rulebook_rows import read_version
from tests.conftest import PATIENCE_SECONDS, eventually
from tests.postgres.rows import insert_flag

MakeDatabase = Callable[[], str]
NEVER_SECONDS = 10 * PATIENCE_SECONDS
LISTENERS = "FROM pg_stat_activity WHERE application_name = 'quote-service rulebook' AND datname = current_database()"


class Hearing:
    """What a listener says, read until it says what is waited for."""

    def __init__(self, listener: RulebookListener) -> None:
        self.listener = listener
        self._every = listener.committed()

    async def until(self, wanted: int | type[Unavailable]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            async for heard in self._every:
                if (not isinstance(heard, Unavailable) and heard.version == wanted) or (
                    isinstance(wanted, type) and isinstance(heard, wanted)
                ):
                    return

    async def aclose(self) -> None:
        await self._every.aclose()


def hearing(url: str, poll_seconds: float) -> aclosing[Hearing]:
    return aclosing(Hearing(RulebookListener(url, poll_seconds=poll_seconds)))


@pytest.fixture
async def own_database(new_database_url: MakeDatabase) -> AsyncIterator[tuple[str, Database]]:
    """A database whose version nobody else moves, and its URL."""
    url = new_database_url()
    opened = await Database.open(url)
    yield url, opened
    await opened.close()


async def version_now(database: Database) -> int:
    async with database.read() as connection:
        return await read_version(connection)


async def change_something(database: Database) -> int:
    async with database.transaction() as connection:
        await insert_flag(connection)
    return await version_now(database)


async def test_a_change_is_notified(own_database: tuple[str, Database]) -> None:
    url, database = own_database
    async with hearing(url, NEVER_SECONDS) as heard:
        await heard.until(await version_now(database))
        for _ in range(3):
            await heard.until(await change_something(database))


async def test_a_lost_notification_costs_one_poll(own_database: tuple[str, Database]) -> None:
    url, database = own_database
    async with hearing(url, 0.05) as heard:
        await heard.until(await version_now(database))
        async with database.transaction() as connection:
            # What a change does, without the notification.
            await connection.execute("UPDATE rulebook_state SET version = version + 1")
        await heard.until(await version_now(database))


async def test_a_lost_connection_is_made_again_and_listens_again(own_database: tuple[str, Database]) -> None:
    url, database = own_database
    async with hearing(url, NEVER_SECONDS) as heard:

        def is_connected() -> bool:
            return heard.listener.is_connected

        await heard.until(await version_now(database))
        for _ in range(2):
            async with database.read() as connection:
                assert await connection.fetchval(f"SELECT count(pg_terminate_backend(pid)) {LISTENERS}") == 1
            version = await change_something(database)
            await heard.until(Unavailable)
            assert not is_connected()
            await heard.until(version)
            assert is_connected()
            await heard.until(await change_something(database))


async def test_a_peer_that_falls_silent_is_given_up(own_database: tuple[str, Database]) -> None:
    url, database = own_database
    silenced: list[asyncio.Transport] = []

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if reader._transport not in silenced:  # type: ignore[attr-defined]
                writer.write(data)
        writer.close()

    passed: list[asyncio.Transport] = []
    address = urlsplit(url)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection(address.hostname, address.port)
        passed.extend((writer.transport, server_writer.transport))  # type: ignore[arg-type]
        await asyncio.gather(pass_on(reader, server_writer), pass_on(server_reader, writer), return_exceptions=True)

    proxy = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = proxy.sockets[0].getsockname()[1]
    async with hearing(url.replace(f":{address.port}/", f":{port}/"), 0.05) as heard:
        await heard.until(await version_now(database))
        silenced.extend(passed)
        version = await change_something(database)
        await heard.until(Unavailable)
        await heard.until(version)
    assert len(passed) > len(silenced)
    proxy.close()


async def test_a_server_that_says_farewell_and_does_not_hang_up_is_away(own_database: tuple[str, Database]) -> None:
    url, database = own_database
    parts = urlsplit(url)
    relays: list[asyncio.Task[None]] = []

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(parts.hostname, parts.port)

        async def carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            while part := await source.read(65536):
                target.write(part)

        # Neither end is told that the other has hung up.
        relays.extend(asyncio.create_task(carry(*way)) for way in ((reader, far_writer), (far_reader, writer)))

    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    behind = url.replace(f":{parts.port}/", f":{server.sockets[0].getsockname()[1]}/")
    async with hearing(behind, 0.01) as heard:
        await heard.until(await version_now(database))
        async with database.read() as connection:
            assert await connection.fetchval(f"SELECT count(pg_terminate_backend(pid)) {LISTENERS}") == 1
        await heard.until(Unavailable)
        await heard.until(await change_something(database))
    server.close()
    for task in relays:
        task.cancel()
    await asyncio.gather(*relays, return_exceptions=True)


async def test_a_listener_that_is_no_longer_read_leaves_no_connection(own_database: tuple[str, Database]) -> None:
    url, database = own_database
    async with hearing(url, NEVER_SECONDS) as heard:
        await heard.until(await version_now(database))

    async def is_gone() -> bool:
        async with database.read() as connection:
            return bool(await connection.fetchval(f"SELECT count(*) {LISTENERS}") == 0)

    await eventually(is_gone, "its connection is closed")
