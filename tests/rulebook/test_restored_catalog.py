"""A database that was restored, or has failed over, is read again: what was held is not what it has any more.

Source: docs/decisions/followed-catalog.md.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.platform.postgres.migrate import migrate
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.system.new_ids import new_id
from tests.conftest import eventually
from tests.fixtures.postgres_clusters import postgres_server_in
from tests.rulebook.stored_catalog import Follower, add_product, move_price

pytestmark = pytest.mark.long("servers that are copied, stopped and promoted")


@pytest.fixture
def server(server_folder: Path) -> Iterator[PostgresServer]:
    own = postgres_server_in(server_folder / f"postgres-restored-{new_id()}")
    own.start()
    yield own
    own.discard()


def copied(folder: Path, to: Path) -> None:
    program = shutil.which("cp")
    assert program is not None
    subprocess.run([program, "-a", str(folder), str(to)], check=True)  # with their owners


async def followed(server: PostgresServer, product: str) -> Follower:
    """A follower of a server with one product, which costs 10."""
    await migrate(server.url)
    follower = Follower(await Database.open(server.url))
    async with follower.database.transaction() as connection:
        await add_product(connection, product)
    await follower.refresh()
    assert follower.price(product) == 10_000_000
    return follower


async def write(server: PostgresServer, product: str, price: str) -> None:
    connection = await asyncpg.connect(server.url)
    await move_price(connection, product, price)
    await connection.close()


async def test_a_copy_from_before_is_read_again(server: PostgresServer) -> None:
    product = new_id()
    follower = await followed(server, product)
    server.stop()
    copied(server.cluster, server.cluster.parent / "kept")
    server.start()
    for price in ("11", "12", "13"):
        await write(server, product, price)
    await eventually(lambda: _refreshed(follower), "the server is back")
    assert follower.price(product) == 13_000_000
    server.stop()
    cluster = server.cluster
    shutil.rmtree(cluster)
    copied(cluster.parent / "kept", cluster)
    server.start()
    await eventually(lambda: _is_reported(follower), "the restored server is there")
    assert not await follower.is_current()
    await follower.refresh()
    assert follower.price(product) == 10_000_000
    assert await follower.differences() == []
    await follower.database.close()


async def test_a_promoted_standby_is_read_anew_though_it_counts_on(server: PostgresServer) -> None:
    product = new_id()
    follower = await followed(server, product)
    server.stop()
    signal = server.cluster / "standby.signal"
    shutil.copy(server.cluster / "PG_VERSION", signal)
    owner = (server.cluster / "PG_VERSION").stat()
    shutil.chown(signal, owner.st_uid, owner.st_gid)
    server.start()
    connection = await asyncpg.connect(server.url)
    assert await connection.fetchval("SELECT pg_promote()")
    await connection.close()
    # The same rows under the same transactions: only the timeline tells that they may be others.
    position = follower.holder.position
    assert position is not None
    former = follower.catalog
    await eventually(lambda: _is_reported(follower), "the promoted server is there")
    assert not await follower.is_current()
    await follower.refresh()
    assert follower.catalog is not former
    assert follower.holder.position is not None
    assert follower.holder.position.moment.origin != position.moment.origin
    assert await follower.differences() == []
    assert await follower.is_current()
    await follower.database.close()


async def _refreshed(follower: Follower) -> bool:
    try:
        await follower.refresh()
    except Unavailable:
        return False
    return True


async def _is_reported(follower: Follower) -> bool:
    try:
        await follower.is_current()
    except Unavailable:
        return False
    return True
