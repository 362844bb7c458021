"""One key of an item is lost while it is sold, and the rest stays: it is noticed and built again, and no purchase is lost.

Source: docs/spec/flash-sales.md#repair; docs/spec/flash-sales.md#invariants.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest

from quote_service.platform.redis_store.keys import item_keys
from quote_service.selling.flash_sales.operations.upkeep.rebuild_item import rebuild_item, why_rebuild
from quote_service.selling.flash_sales.tables.upkeep import GROUP
from tests.conftest import eventually
from tests.flash_sales.market import recoveries_of
from tests.flash_sales.quiet_shop import quiet_shop
from tests.flash_sales.test_faults import open_shop, sell_while
from tests.flash_sales.test_functions_and_scripts import outcome

Loss = Callable[[Any, tuple[str, ...]], Awaitable[Any]]


async def delete_stream(client: Any, keys: tuple[str, ...]) -> None:
    await client.delete(keys[5])


async def destroy_group(client: Any, keys: tuple[str, ...]) -> None:
    await client.xgroup_destroy(keys[5], GROUP)


async def make_group_anew_behind_what_waits(client: Any, keys: tuple[str, ...]) -> None:
    pipeline = client.pipeline()
    pipeline.xgroup_destroy(keys[5], GROUP)
    pipeline.xgroup_create(keys[5], GROUP, "$")
    await pipeline.execute()


async def delete_customers(client: Any, keys: tuple[str, ...]) -> None:
    await client.delete(keys[1])


async def delete_holds(client: Any, keys: tuple[str, ...]) -> None:
    await client.delete(keys[2])


async def delete_expiries(client: Any, keys: tuple[str, ...]) -> None:
    await client.delete(keys[3])


async def delete_keys(client: Any, keys: tuple[str, ...]) -> None:
    await client.delete(keys[4])


LOSSES: dict[str, Loss] = {
    "stream_lost": delete_stream,
    "group_lost": destroy_group,
    "entries_lost": make_group_anew_behind_what_waits,
    "customers_lost": delete_customers,
    "keys_lost": delete_keys,
}
HOLDS: dict[str, Loss] = {"what is held": delete_holds, "when it expires": delete_expiries}


@pytest.mark.parametrize("reason", LOSSES)
async def test_what_was_reserved_before_the_loss_is_confirmed(database_url: str, redis_url: str, reason: str) -> None:
    async with quiet_shop(database_url, redis_url, allocated=9) as shop:
        item, customer, key = await shop.item(), uuid4(), uuid4().hex
        bought = [(await shop.buy(customer, key)).purchase_id, (await shop.buy(uuid4(), "k", 2)).purchase_id]
        await LOSSES[reason](shop.runtime.library.client, item_keys(item.id))
        found = await shop.runtime.upkeep.figures(item.id)
        assert why_rebuild(await shop.item(), found) == reason
        # Buyers go on until somebody notices; none of them hides what is lost.
        reported = await outcome(shop, uuid4(), "k")
        assert reported == ("reserved" if reason in ("group_lost", "entries_lost") else "sale-not-loaded")
        await shop.follow()
        after = await shop.item()
        assert (after.epoch, after.sold) == (item.epoch + 1, 4 if reported == "reserved" else 3)
        assert (await shop.buy(customer, key)).purchase_id == bought[0]
        assert await shop.findings() == []


@pytest.mark.parametrize("part", HOLDS)
async def test_a_hold_that_redis_forgot_is_held_all_the_same(database_url: str, redis_url: str, part: str) -> None:
    async with quiet_shop(database_url, redis_url, hold_seconds=600) as shop:
        item = await shop.item()
        await shop.buy(uuid4(), "k", 2)
        await shop.record()
        await HOLDS[part](shop.runtime.library.client, item_keys(item.id))
        assert why_rebuild(await shop.item(), await shop.runtime.upkeep.figures(item.id)) == "holds_lost"
        await shop.follow()
        assert (await shop.runtime.upkeep.figures(item.id)).held == 1
        assert await shop.findings() == []


async def test_a_line_that_nobody_can_read_is_a_dead_letter(database_url: str, redis_url: str) -> None:
    async with quiet_shop(database_url, redis_url) as shop:
        item = await shop.item()
        keys, client = item_keys(item.id), shop.runtime.library.client
        await shop.buy(uuid4(), "k", 2)
        await client.hset(keys[2], str(uuid4()), "what is this?")
        await client.delete(keys[5])
        assert await rebuild_item(shop.database, shop.runtime.upkeep, shop.runtime.stream, item.id) == "stream_lost"
        assert (await shop.item()).sold == 2
        assert await shop.findings() == ["I12"]


@pytest.mark.parametrize("reason", ["stream_lost", "group_lost"])
async def test_it_is_lost_in_the_midst_of_a_sale(own_database_url: str, redis_url: str, reason: str) -> None:
    async with open_shop(own_database_url, redis_url, allocated=60) as shop:
        [item_id] = [item.id for item in shop.runtime.item_cache.items]
        before: list[str] = []

        async def lose() -> None:
            before.extend(await recoveries_of(shop))
            await LOSSES[reason](shop.runtime.library.client, item_keys(item_id))

        await sell_while(shop, lose, buyers=80, seconds=1.5)

        async def is_rebuilt() -> bool:
            return len(await recoveries_of(shop)) > len(before)

        await eventually(is_rebuilt, "it is built repeated")
        assert await shop.assert_all_holds() == 0
        assert {one.status for one in await shop.kept()} == {"confirmed"}
