"""Flash sales on a Redis Cluster of three primaries and three replicas.

Source: docs/spec/flash-sales.md#admission-and-decision; docs/spec/flash-sales.md#faults.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from quote_service.identity.tables.spend_tokens import Spending, spend_tokens
from quote_service.platform.postgres.pool import Database
from quote_service.platform.redis_store.breaker import Breaker
from quote_service.platform.redis_store.connection import open_redis
from quote_service.platform.redis_store.keys import item_keys
from quote_service.platform.redis_store.ping import ping_redis
from quote_service.quotes.tables.share_quotes import Outcome, QuoteSharer
from quote_service.selling.flash_sales.tables.stock import items_of_sale
from tests.conftest import eventually
from tests.fixtures.serve import a_basket, in_database, served, until
from tests.flash_sales.market import (
    announce,
    confirms_again,
    item_id_of,
    open_runtime,
    recoveries_of,
    run_loops,
    sell_in_all,
)
from tests.flash_sales.sales import OnSale, Sales
from tests.flash_sales.test_faults import Shop
from tests.flash_sales.topologies import PRIMARIES, Cluster, Way

pytestmark = [
    pytest.mark.second_try("kills nodes, and waits for others to take their place"),
    pytest.mark.long("a cluster of six nodes that lose each other"),
]

NODE_TIMEOUT_MS = 1000


@pytest.fixture(scope="module")
def shared_cluster(server_folder: Path) -> Iterator[Cluster]:
    made = Cluster(server_folder / f"cluster-{uuid4().hex[:8]}", node_timeout_ms=NODE_TIMEOUT_MS)
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture
def cluster(shared_cluster: Cluster) -> Cluster:
    """Well and empty: items of another database may have the same ids."""
    shared_cluster.mend(*[node for node in shared_cluster.nodes if not node.is_running()])
    shared_cluster.forget_everything()
    return shared_cluster


@asynccontextmanager
async def open_market(
    own_database_url: str, cluster: Cluster, allocated: int, way: Way = "functions"
) -> AsyncIterator[dict[int, Shop]]:
    """A shop on each primary, by the port of its node."""
    redis_url = await asyncio.to_thread(cluster.url_for, way)
    async with open_runtime(own_database_url, redis_url) as runtime:
        shops: dict[int, Shop] = {}
        while len(shops) < PRIMARIES:
            shop = await announce(runtime, allocated)
            node = await asyncio.to_thread(cluster.primary_of, await key_of(shop))
            shops.setdefault(node.port, shop)
        async with run_loops(runtime, redis_url):
            yield shops


async def key_of(shop: Shop) -> str:
    return item_keys(await item_id_of(shop))[0]


async def test_one_primary_is_killed_while_all_sell(own_database_url: str, cluster: Cluster) -> None:
    async with open_market(own_database_url, cluster, allocated=80) as shops:
        port, broken = next(iter(shops.items()))
        key = await key_of(broken)
        node = await asyncio.to_thread(cluster.primary_of, key)

        async def kill() -> None:
            await asyncio.to_thread(node.kill)

        await sell_in_all(list(shops.values()), 120, 2.0, (0.7, kill))
        await eventually(lambda: cluster.port_seen(key) not in (port, None), "a replica takes over")
        for shop in shops.values():
            await shop.assert_all_holds()
        others = [shop for shop in shops.values() if shop is not broken]
        assert len(await recoveries_of(broken)) > 1
        # What is not on the node that was killed never noticed it.
        assert [await recoveries_of(shop) for shop in others] == [["not_loaded"]] * len(others)
        assert [sum(one.quantity for one in await shop.kept()) for shop in others] == [80] * len(others)
        await asyncio.to_thread(cluster.mend, node)


async def test_a_shard_without_any_node_sells_through_postgres(own_database_url: str, cluster: Cluster) -> None:
    async with open_market(own_database_url, cluster, allocated=40) as shops:
        broken = next(iter(shops.values()))
        nodes = await asyncio.to_thread(cluster.shard_of, await key_of(broken))
        for node in nodes:
            await asyncio.to_thread(node.kill)
        for shop in shops.values():
            await confirms_again(shop)
        directly = broken.runtime.directly
        assert directly > 0
        for shop in shops.values():
            if shop is not broken:
                assert await shop.buy_once(uuid4(), uuid4().hex, 1, 5.0) == "confirmed"
        assert broken.runtime.directly == directly  # the others have their nodes
        await asyncio.to_thread(cluster.mend, *nodes)
        for shop in shops.values():
            await shop.assert_all_holds()


async def test_a_slot_moves_while_it_sells(own_database_url: str, cluster: Cluster) -> None:
    async with open_market(own_database_url, cluster, allocated=80) as shops:
        (_, shop), (port, _) = list(shops.items())[:2]
        key = await key_of(shop)
        source = await asyncio.to_thread(cluster.primary_of, key)
        target = next(node for node in cluster.nodes if node.port == port)

        async def move() -> None:
            await asyncio.to_thread(cluster.move_slot, key, source, target)

        await sell_in_all([shop], 150, 2.0, (0.5, move))
        assert cluster.port_seen(key) == target.port
        assert await shop.assert_all_holds() == 0
        assert len(await recoveries_of(shop)) > 1
        assert sum(one.quantity for one in await shop.kept() if one.status == "confirmed") == 80


async def test_no_functions_are_needed(own_database_url: str, cluster: Cluster) -> None:
    async with open_market(own_database_url, cluster, allocated=20, way="scripts") as shops:
        await sell_in_all(list(shops.values()), 20, 0.5)
        for shop in shops.values():
            assert shop.runtime.library.uses_scripts
            assert await shop.assert_all_holds() == 0
            assert shop.runtime.directly == 0


async def test_a_cluster_is_a_cache_too(cluster: Cluster) -> None:
    """What `REDIS_URL` is for: quotes in batches and the buckets of API keys, whose keys lie in many slots."""
    client = open_redis(cluster.url, 2000)
    try:
        await ping_redis(client)
        sharer = QuoteSharer(client, Breaker(), ttl_ms=60_000)
        for expected in (None, b"a quote"):  # kept, and then there already
            outcomes: list[Outcome] = []
            for bits in range(40):
                sharer.share(bits, b"a quote", outcomes.append)
            await sharer.close()
            assert outcomes == [expected] * 40
        keys = [str(uuid4()) for _ in range(20)]
        assert await spend_tokens(client, [Spending(key, 100, 1, 30) for key in keys]) == [70.0] * 20
    finally:
        await client.aclose()


def test_over_http_nobody_gets_an_error_of_the_service(
    server_folder: Path, own_database_url: str, cluster: Cluster
) -> None:
    """Quotes and stock on the one cluster, a primary killed: 429 or 503 with `Retry-After` at the worst."""
    answers: list[httpx.Response] = []
    with served(server_folder, own_database_url, cluster.url) as running, running.admin() as admin:
        scopes = ["quote:write", "quote:read", "flash:purchase"]
        made = admin.post("/api/v1/api-keys", json={"name": "till", "scopes": scopes, "rate_limit": None})
        assert made.status_code == 201, made.text
        running.api_key = made.json()["data"]["key"]
        with running.checkout() as till:
            until(lambda: till.post("/api/v1/quote", json=a_basket()).status_code == 200, "the key is known")
        on = Sales(admin, admin).on_sale(allocated_stock=100_000)
        key = item_keys(in_database(own_database_url, lambda database: item_of(database, on)))[0]
        node = cluster.primary_of(key)
        is_over = threading.Event()

        def buy() -> None:
            with running.checkout() as checkout:
                shop = Sales(admin, checkout)
                while not is_over.is_set():
                    answers.append(shop.buy(on))
                    answers.append(checkout.post("/api/v1/quote", json=a_basket()))

        def count(status: int) -> int:
            return [answer.status_code for answer in answers if answer.url.path.endswith("purchases")].count(status)

        with ThreadPoolExecutor(max_workers=4) as buyers:
            all_buy = [buyers.submit(buy) for _ in range(4)]
            try:
                until(lambda: count(202) >= 20, "it sells", running.started)
                node.kill()
                until(lambda: cluster.port_seen(key) not in (node.port, None), "a replica takes over", running.started)
                sold = count(202)
                until(lambda: count(202) >= sold + 20, "it sells again", running.started)
            finally:
                is_over.set()
            for each in all_buy:
                each.result()
        assert {answer.status_code for answer in answers} <= {200, 202, 429, 503}
        assert all("retry-after" in answer.headers for answer in answers if answer.status_code in (429, 503))
        assert {answer.status_code for answer in answers if answer.url.path.endswith("quote")} == {200}


async def item_of(database: Database, on: OnSale) -> int:
    async with database.read() as connection:
        return (await items_of_sale(connection, UUID(on.id)))[0].id
