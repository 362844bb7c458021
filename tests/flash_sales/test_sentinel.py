"""Flash sales on a primary that three sentinels watch, and that is put out of its place while it sells.

Source: docs/spec/flash-sales.md#faults; docs/spec/flash-sales.md#repair.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from tests.conftest import eventually
from tests.flash_sales.market import announce, open_runtime, recoveries_of, run_item_cache, run_loops, sell_in_all
from tests.flash_sales.test_faults import Shop
from tests.flash_sales.topologies import LEAST_RIGHTS, RIGHTS_OF_WAY, SentinelSet, Way

pytestmark = [
    pytest.mark.second_try("kills a primary, and waits for another to take its place"),
    pytest.mark.long("a primary, replicas and sentinels, killed and frozen"),
]

DOWN_AFTER_MS = 500


@pytest.fixture
def sentinels(server_folder: Path) -> Iterator[SentinelSet]:
    made = SentinelSet(server_folder / f"sentinels-{uuid4().hex[:8]}", down_after_ms=DOWN_AFTER_MS)
    try:
        made.start()
        yield made
    finally:
        made.stop()


@asynccontextmanager
async def open_shop(
    own_database_url: str, sentinels: SentinelSet, allocated: int, way: Way = "functions"
) -> AsyncIterator[Shop]:
    redis_url = await asyncio.to_thread(sentinels.url_for, way)
    async with open_runtime(own_database_url, redis_url) as runtime:
        shop = await announce(runtime, allocated)
        async with run_loops(runtime, redis_url):
            yield shop


async def sells_through_redis(shop: Shop) -> bool:
    """Whether a purchase is confirmed without going straight to PostgreSQL."""
    directly = shop.runtime.directly
    return await shop.buy_once(uuid4(), uuid4().hex, 1, 2.0) == "confirmed" and shop.runtime.directly == directly


async def test_the_primary_is_killed(own_database_url: str, sentinels: SentinelSet) -> None:
    async with open_shop(own_database_url, sentinels, allocated=1000) as shop:
        old = sentinels.servers[0]

        async def kill() -> None:
            await asyncio.to_thread(old.kill)

        await sell_in_all([shop], 100, 2.0, (0.7, kill))
        assert shop.runtime.directly > 0
        await eventually(lambda: sentinels.primary_port() != old.port, "a replica takes its place")
        await eventually(lambda: sells_through_redis(shop), "the replica sells")
        await shop.assert_all_holds()
        assert len(await recoveries_of(shop)) > 1


async def test_the_primary_stands_still_and_comes_back(own_database_url: str, sentinels: SentinelSet) -> None:
    """With scripts: the replica that takes its place has none yet."""
    old = sentinels.servers[0]
    url = await asyncio.to_thread(sentinels.url_for, "scripts")
    async with (
        open_shop(own_database_url, sentinels, 1000, "scripts") as shop,
        # A process where nobody buys meanwhile: its connections to the old primary stay open.
        open_runtime(own_database_url, url) as idle,
        run_item_cache(idle),
    ):
        beside = Shop(idle, idle.database, shop.sale_id, shop.product_id, shop.allocated, seen=shop.seen)
        assert await beside.buy_once(uuid4(), uuid4().hex, 1, 5.0) == "confirmed"

        roles: list[str] = []

        async def freeze() -> None:
            old.freeze()
            await eventually(lambda: sentinels.primary_port() != old.port, "a replica takes its place")
            await eventually(lambda: sells_through_redis(shop), "the replica sells")
            await eventually(lambda: idle.item_cache.items[0].epoch > 1, "the other process has heard of it")
            old.thaw()
            # For a while there are two primaries, and this process knows the wrong one.
            assert old.info("replication")["role"] == "master"
            await eventually(lambda: sells_through_redis(beside), "it finds the right one")
            roles.append(old.info("replication")["role"])

        await sell_in_all([shop], 100, 2.0, (0.5, freeze))
        assert beside.runtime.directly == 0
        assert shop.runtime.library.uses_scripts
        await shop.assert_all_holds()
        assert len(await recoveries_of(shop)) > 1
        if roles != ["master"]:
            # After some 8 seconds the sentinels tell it to, and then nothing is shown of a process that was not told.
            pytest.skip("the sentinels were quicker than this machine")


def test_the_user_that_is_documented_is_the_one_of_these_tests() -> None:
    text = (Path(__file__).parents[2] / "docs" / "spec" / "flash-sales.md").read_text("utf-8")
    shown = text.split("user stock on >PASSWORD", 1)[1].split("```", 1)[0]
    assert shown.split() == f"{LEAST_RIGHTS} {RIGHTS_OF_WAY['functions']}".split()
