"""`quote-service worker` killed, stopped and left alone by its servers: events come at least once, and have their effect once.

Source: docs/spec/event-bus.md#delivery; docs/spec/event-bus.md#consumers.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.platform.postgres.migrate import migrate
from quote_service.platform.postgres.pool import Database
from tests.conftest import eventually
from tests.event_bus.bus_of_a_test import bus_on, in_spite_of_all
from tests.event_bus.mortal_servers import SERVERS, Server
from tests.event_bus.shoppers import POINTS, Shoppers
from tests.fixtures.fork_server import Child
from tests.flash_sales.campaign.world import postgres_that_may_be_killed

pytestmark = [
    pytest.mark.usefixtures("empty"),
    pytest.mark.second_try("kills and freezes workers"),
    pytest.mark.long("workers of its own, killed at every step"),
]


@pytest.fixture(scope="module")
def own_postgres(server_folder: Path) -> Iterator[PostgresServer]:
    server = postgres_that_may_be_killed(server_folder / "events-postgres")
    server.start()
    yield server
    server.kill()
    server.discard()


@pytest.fixture(scope="module")
def database_url(own_postgres: PostgresServer) -> str:
    asyncio.run(migrate(own_postgres.url))
    return own_postgres.url


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest, server_folder: Path) -> Iterator[Server]:
    """A server of the bus of the test's own."""
    with SERVERS[request.param](server_folder / f"worker-{request.param}-{uuid4().hex[:8]}") as started:
        yield started


@pytest.fixture
async def shoppers(
    database: Database, database_url: str, redis_url: str, server: Server, server_folder: Path
) -> AsyncIterator[Shoppers]:
    async with bus_on(database, server.settings) as bus:
        reported = Shoppers(bus, database_url, redis_url, server_folder)
        yield reported
        await asyncio.to_thread(reported.end_workers)


async def test_workers_die_at_every_step_of_an_events_way(shoppers: Shoppers, server: Server) -> None:
    for points in (POINTS,) if server.misses_members else tuple((point,) for point in POINTS):
        workers = [await shoppers.start_worker(f"{point}:2") for point in points]
        killed = [asyncio.create_task(asyncio.to_thread(worker.wait)) for worker in workers]
        while not all(each.done() for each in killed):
            await shoppers.shop()
            # One that has died leaves its partitions to the others, who may be dead as well by then.
            await asyncio.sleep(0.2)
        assert [each.result() for each in killed] == [-signal.SIGKILL] * len(points), [one.output() for one in workers]
        if not server.misses_members:
            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.start)
    await shoppers.shop()
    await shoppers.start_worker()
    await shoppers.until_counted()
    published = await shoppers.published()
    assert len(published) > len({event.id for event in published}), "what a dead worker published is published again"
    await shoppers.judge(published)


async def test_a_worker_that_was_stopped_past_its_time_does_nothing_twice(
    shoppers: Shoppers, server: Server, database_url: str
) -> None:
    """Within its transaction: another has its partitions, and has handled what it read, when it goes on."""
    if not server.misses_members:
        pytest.skip("this broker waits for a member for ever")
    stopped = await shoppers.start_worker()
    await shoppers.shop()
    await shoppers.until_counted()
    holder = await asyncpg.connect(database_url)
    try:
        held = holder.transaction()
        await held.start()
        await holder.execute("LOCK TABLE product_behaviour_hours IN ACCESS EXCLUSIVE MODE")
        await shoppers.shop()
        await eventually(shoppers.a_worker_waits_for_a_lock, "the worker is in the midst of a batch")
        stopped.send_signal(signal.SIGSTOP)
        await held.rollback()
    finally:
        await holder.close()
    other = await shoppers.start_worker()
    await shoppers.until_counted()
    await shoppers.shop()
    stopped.send_signal(signal.SIGCONT)
    await shoppers.until_counted()
    # It is a member as any other again.
    assert await asyncio.to_thread(_ended, other) == 0, other.output()
    await shoppers.shop()
    await shoppers.until_counted()
    assert "Traceback" not in stopped.output(), stopped.output()
    await shoppers.judge(await shoppers.published())


async def test_the_bus_and_postgres_go_down_while_shoppers_shop(
    shoppers: Shoppers, server: Server, own_postgres: PostgresServer
) -> None:
    worker = await shoppers.start_worker()
    await shoppers.shop()
    await shoppers.until_counted()
    for kill, start in ((server.kill, server.start), (own_postgres.kill, own_postgres.start)) * 2:
        shopping = asyncio.create_task(shoppers.keep_shopping())
        await asyncio.to_thread(kill)
        await asyncio.to_thread(start)
        shopping.cancel()
        await asyncio.wait([shopping])
        await in_spite_of_all(shoppers.shop)
        await shoppers.until_counted()
    assert worker.poll() is None, worker.output()
    assert "Traceback" not in worker.output(), worker.output()
    await shoppers.judge(await shoppers.published())


def _ended(worker: Child) -> int:
    worker.terminate()
    return worker.wait()
