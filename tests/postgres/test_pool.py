"""The pool: away is Unavailable and back is well again; whatever happens to one user, the next finds it clean."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from quote_service.platform.postgres.long_transactions import allow_long_transaction
from quote_service.platform.postgres.ping import ping_database
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Unavailable
from tests.conftest import eventually
from tests.fixtures.postgres_clusters import postgres_server_in
from tests.flash_sales.fault_proxy import FaultProxy

pytestmark = pytest.mark.second_try("kills PostgreSQL under a pool")

MakeDatabase = Callable[[], str]
CANCELLED, ABANDONED = "SELECT pg_sleep(60)", "SELECT pg_sleep(61)"
PREPARED = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE query LIKE '%still_prepared' AND state = 'active' AND wait_event = 'ClientRead'"
)
# Ready for a query, and what a server that is stopped says to whoever is connected then.
READY = b"Z\0\0\0\x05I"
_FIELDS = b"SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"
STOPPING = b"E" + (4 + len(_FIELDS)).to_bytes(4, "big") + _FIELDS
RUNNING = "SELECT count(*) FROM pg_stat_activity WHERE query = '{}' AND state = 'active'"


@pytest.fixture
async def single(database_url: str) -> AsyncIterator[Database]:
    """A pool of one connection, so that the next user gets the one that the last user had."""
    # A cancellation that reaches the server before the statement does is lost; the statement's own limit ends it then.
    opened = await Database.open(database_url, connections_max=1, statement_seconds=1.0, acquire_seconds=5.0)
    yield opened
    await opened.close()


async def ask(database: Database, statement: str) -> object:
    async with database.read() as connection:
        return await connection.fetchval(statement)


async def test_it_opens_while_the_server_is_away_and_recovers_each_time_it_is_back(server_folder: Path) -> None:
    server = postgres_server_in(server_folder / "postgres-that-goes")
    server.start()
    url = server.url
    try:
        server.stop()
        database = await Database.open(url)
        for _ in range(2):
            with pytest.raises(Unavailable) as caught:
                await ask(database, "SELECT 1")
            assert caught.value.retry_after_seconds
            server.start()
            assert await ask(database, "SELECT 1") == 1
            server.kill()
        with pytest.raises(Unavailable):
            await ask(database, "SELECT 1")
        await database.close()
    finally:
        server.discard()


async def test_a_connection_lost_in_the_middle_is_unavailable_and_the_work_undone(
    database: Database, database_url: str
) -> None:
    await ask(database, "CREATE TABLE kept (a int)")

    async def lose() -> None:
        async with database.transaction() as connection:
            await connection.execute("INSERT INTO kept VALUES (1)")
            async with database.read() as other:
                await other.execute("SELECT pg_terminate_backend($1)", connection.get_server_pid())
            await connection.execute("INSERT INTO kept VALUES (2)")

    with pytest.raises(Unavailable):
        await lose()
    assert await ask(database, "SELECT count(*) FROM kept") == 0


async def test_a_server_that_stops_while_one_connects_is_unavailable(database_url: str) -> None:
    parts = urlsplit(database_url)
    proxy = FaultProxy(parts.port or 5432, marker=READY)
    await proxy.start()
    try:
        behind = parts._replace(netloc=parts.netloc.replace(f":{parts.port}", f":{proxy.port}"))
        database = await Database.open(behind.geturl())
        proxy.last_words = STOPPING
        for _ in range(2):
            with pytest.raises(Unavailable):
                await ask(database, "SELECT 1")
        proxy.last_words = b""
        assert await ask(database, "SELECT 1") == 1
        await database.close()
    finally:
        await proxy.stop()


async def test_too_few_connections_is_unavailable_in_time(database_url: str) -> None:
    # Long enough to connect beside other work, since connecting counts.
    database = await Database.open(database_url, connections_max=1, acquire_seconds=2.0)
    async with database.read():
        with pytest.raises(Unavailable):
            await ask(database, "SELECT 1")
    assert await ask(database, "SELECT 1") == 1
    await database.close()


async def test_a_pool_that_is_lent_out_is_no_missing_server(single: Database) -> None:
    assert await ping_database(single) is None
    async with single.read():
        assert await ping_database(single) == "every connection of this process is in use"
    assert await ping_database(single) is None


async def test_a_statement_that_takes_too_long_is_unavailable(database_url: str) -> None:
    database = await Database.open(database_url, connections_max=1, statement_seconds=0.05)
    with pytest.raises(Unavailable):
        await ask(database, "SELECT pg_sleep(60)")
    assert await ask(database, "SELECT 1") == 1
    await database.close()


async def test_a_lock_that_is_held_too_long_is_unavailable(database: Database, database_url: str) -> None:
    waiting = await Database.open(database_url, lock_seconds=0.05)
    async with database.transaction() as connection:
        await connection.execute("LOCK TABLE feature_flags")
        with pytest.raises(Unavailable):
            await ask(waiting, "SELECT count(*) FROM feature_flags")
    assert await ask(waiting, "SELECT count(*) FROM feature_flags") == 0
    await waiting.close()


async def test_a_process_that_stands_still_within_a_statement_holds_up_nobody_for_long(
    database: Database, database_url: str
) -> None:
    """Between preparing a statement and running it, where PostgreSQL takes a connection to be at work."""
    port = urlsplit(database_url).port
    assert port is not None
    link = FaultProxy(port, marker=b"still_prepared")
    await link.start()
    # One connection, which has been told of the types it needs before it is cut off.
    far = await Database.open(
        database_url.replace(f":{port}", f":{link.port}"), connections_max=1, transaction_seconds=2.0
    )

    async def stand_still() -> None:
        async with far.transaction() as connection:
            await connection.execute("LOCK TABLE feature_flags IN ACCESS EXCLUSIVE MODE")
            link.cut_behind = {"requests"}
            await connection.fetchval("SELECT $1::int AS still_prepared", 1)

    standing = asyncio.create_task(stand_still())

    async def is_prepared() -> bool:
        return await ask(database, PREPARED) == 1

    await eventually(is_prepared, "a statement is prepared and not run")
    assert not standing.done()

    async def is_free() -> bool:
        with suppress(Unavailable):
            return await ask(database, "SELECT count(*) FROM feature_flags") == 0
        return False

    await eventually(is_free, "the lock is let go of")
    link.cut.clear()
    with pytest.raises(Unavailable):
        await standing
    assert await ask(far, "SELECT 1") == 1
    await far.close()
    await link.stop()


async def test_a_snapshot_is_read_for_as_long_as_it_takes(database_url: str) -> None:
    short = await Database.open(database_url, transaction_seconds=0.2)
    async with short.snapshot() as connection:
        for _ in range(5):
            assert await connection.fetchval("SELECT 1 FROM pg_sleep(0.1)") == 1

    async def change() -> None:
        async with short.transaction() as connection:
            for _ in range(100):
                await connection.execute("SELECT pg_sleep(0.1)")

    with pytest.raises(Unavailable):
        await change()
    await short.close()


async def test_a_transaction_that_is_allowed_longer_takes_longer(database_url: str) -> None:
    short = await Database.open(database_url, statement_seconds=0.15, transaction_seconds=0.2)
    async with short.transaction() as connection:
        await allow_long_transaction(connection, statement_seconds=60, transaction_seconds=600)
        assert await connection.fetchval("SELECT 1 FROM pg_sleep(0.5)", timeout=60) == 1
        for name in ("statement_timeout", "idle_in_transaction_session_timeout", "transaction_timeout"):
            assert await connection.fetchval("SELECT current_setting($1)", name) not in ("0", "200ms", "150ms")
    async with short.transaction() as connection:
        assert await connection.fetchval("SHOW transaction_timeout") == "200ms"
    await short.close()


async def test_work_cancelled_in_a_transaction_leaves_a_clean_connection(single: Database) -> None:
    await ask(single, "CREATE TABLE IF NOT EXISTS half (a int)")

    async def work(started: asyncio.Event) -> None:
        async with single.transaction() as connection:
            await connection.execute("INSERT INTO half VALUES (1)")
            started.set()
            await connection.execute(CANCELLED)

    for _ in range(5):
        started = asyncio.Event()
        task = asyncio.create_task(work(started))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with single.read() as connection:
            assert not connection.is_in_transaction()
            assert await connection.fetchval("SELECT count(*) FROM half") == 0
    assert await ask(single, RUNNING.format(CANCELLED)) == 0


async def test_work_cancelled_while_it_waits_for_a_connection_takes_none(single: Database) -> None:
    async with single.read():
        waiting = [asyncio.create_task(ask(single, "SELECT 1")) for _ in range(20)]
        await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    assert await ask(single, "SELECT 1") == 1


async def test_what_is_raised_within_rolls_back_and_leaves_as_it_is(single: Database) -> None:
    async def fail() -> None:
        async with single.transaction() as connection:
            await connection.execute("CREATE TABLE never (a int)")
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        await fail()
    assert await ask(single, "SELECT to_regclass('never')") is None


async def test_a_snapshot_sees_one_state_and_writes_nothing(database: Database) -> None:
    async with database.snapshot() as seen:
        before = await seen.fetchval("SELECT count(*) FROM pg_tables WHERE tablename = 'later'")
        await ask(database, "CREATE TABLE later (a int)")
        assert await seen.fetchval("SELECT count(*) FROM pg_tables WHERE tablename = 'later'") == before
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await seen.execute("INSERT INTO later VALUES (1)")


async def test_closing_waits_for_no_one_for_ever(database_url: str) -> None:
    database = await Database.open(database_url, acquire_seconds=2.0)

    async def hold() -> None:
        async with database.read() as connection:
            await connection.execute(ABANDONED)

    holding = asyncio.create_task(hold())
    watching = await Database.open(database_url)

    async def is_asleep() -> bool:
        return await ask(watching, RUNNING.format(ABANDONED)) == 1

    await eventually(is_asleep, "a statement runs")
    await database.close()
    with pytest.raises(Unavailable):
        await holding
    with pytest.raises(Unavailable):
        await ask(database, "SELECT 1")
    await watching.close()
