"""What becomes of stream entries that come twice, late, or again and again.

Source: docs/spec/flash-sales.md#recording.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from quote_service.platform.redis_store.connection import open_redis
from quote_service.platform.redis_store.keys import item_keys
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.system.new_ids import random_bits
from quote_service.selling.flash_sales.loops.recorder import record_flash_sales
from quote_service.selling.flash_sales.model.reservation import (
    Reservation,
    purchase_id,
    read_reservation,
    reservation_text,
)
from quote_service.selling.flash_sales.model.stock_item import StockItem
from quote_service.selling.flash_sales.operations.buying.find_purchase import find_purchase, find_purchase_by_key
from quote_service.selling.flash_sales.operations.recording.dead_letter_entry import dead_letter_entry
from quote_service.selling.flash_sales.operations.recording.notify_redis import notify_redis
from quote_service.selling.flash_sales.operations.recording.record_purchases import record_purchases
from quote_service.selling.flash_sales.operations.upkeep.check_balance import is_unbalanced
from quote_service.selling.flash_sales.operations.upkeep.maintain_items import maintain_item
from quote_service.selling.flash_sales.operations.upkeep.rebuild_item import rebuild_item, why_rebuild
from quote_service.selling.flash_sales.tables.library import FlashLibrary
from quote_service.selling.flash_sales.tables.purchases import cancel_reserved, insert_giving_back
from quote_service.selling.flash_sales.tables.stock import give_back_units, items_to_cache
from quote_service.selling.flash_sales.tables.stream import ReservationStream, StreamEntry
from quote_service.selling.flash_sales.tables.upkeep import GROUP
from tests.conftest import eventually
from tests.flash_sales.fault_proxy import FaultProxy
from tests.flash_sales.quiet_shop import QuietShop, quiet_shop


def reservation(item: StockItem, **fields: object) -> Reservation:
    now_ms = now_us() // 1000
    made: dict[str, object] = {
        "id": purchase_id(item.id, now_ms, random_bits()),
        "customer_id": uuid4(),
        "quantity": 1,
        "unit_price_minor": item.price_minor,
        "reserved_ms": now_ms,
        "expires_ms": 0,
        "epoch": item.epoch,
        "number": 1,
        "fingerprint": "0" * 20,
        "idempotency_key": uuid4().hex,
    }
    return Reservation(**{**made, **fields})  # type: ignore[arg-type]


async def dead_letter(shop: QuietShop, item_id: int, entry: StreamEntry) -> None:
    await dead_letter_entry(
        shop.database, shop.runtime.stream, item_id, entry, "delivered too often", shop.runtime.meters
    )


async def test_an_entry_that_comes_again_means_what_its_purchase_became(database_url: str, redis_url: str) -> None:
    async with quiet_shop(database_url, redis_url) as shop:
        item = await shop.item()
        sold, refused = reservation(item, quantity=2), reservation(item, quantity=7)
        held = reservation(item, expires_ms=now_us() // 1000 + 60_000)
        counted = []
        for _ in range(2):
            async with shop.database.transaction() as connection:
                recorded = await record_purchases(connection, item.id, [sold, refused, held])
            assert (recorded.settled, recorded.held, recorded.released) == ([sold.id], [held.id], [refused.id])
            counted.append(recorded.rejected)
        assert counted == [1, 0]


async def test_a_key_used_for_another_product_disturbs_neither(database_url: str, redis_url: str) -> None:
    async with quiet_shop(database_url, redis_url, products=2) as shop:
        customer, key = uuid4(), uuid4().hex
        for place in range(2):
            bought = await shop.buy(customer, key, place=place)
            assert bought.status == "reserved"
            await shop.record()
        found = await find_purchase(shop.runtime, bought.purchase_id)
        assert (found.status, found.reason) == ("rejected", "key_of_another_purchase")
        assert [item.is_drifted for item in await shop.items()] == [False, False]
        assert await shop.findings() == []


async def test_what_is_recorded_after_a_rebuild_is_not_sold_twice(database_url: str, redis_url: str) -> None:
    async with quiet_shop(database_url, redis_url) as shop:
        before = await shop.item()
        await shop.runtime.library.client.delete(*item_keys(before.id))
        assert await rebuild_item(shop.database, shop.runtime.upkeep, shop.runtime.stream, before.id) == "not_loaded"
        async with shop.database.transaction() as connection:
            await record_purchases(connection, before.id, [reservation(before, quantity=2)])
        await shop.follow()
        assert (await shop.runtime.upkeep.figures(before.id)).stock == 4
        assert await shop.findings() == []


async def test_a_change_that_was_rolled_back_does_not_stay_in_redis(database_url: str, redis_url: str) -> None:
    async with quiet_shop(database_url, redis_url) as shop:
        item = await shop.item()
        found = await shop.runtime.upkeep.figures(item.id)
        assert why_rebuild(item, found) is None
        assert why_rebuild(item, found._replace(revision=item.revision + 1)) == "another_content"
        assert why_rebuild(item, found._replace(allocated=item.allocated - 1)) == "another_content"


async def test_an_entry_that_kills_whoever_takes_it_is_a_late_refusal(database_url: str, redis_url: str) -> None:
    async with quiet_shop(database_url, redis_url) as shop:
        item, customer, key = await shop.item(), uuid4(), uuid4().hex
        await shop.buy(customer, key, 2)
        [entry] = await shop.runtime.stream.everything(item.id)
        await dead_letter(shop, item.id, entry)
        found = await find_purchase_by_key(shop.runtime, customer, key, shop.sale.id)
        assert (found.status, found.reason) == ("rejected", "could_not_be_recorded")
        assert await shop.buy(customer, key, 2) == found
        assert (await shop.runtime.upkeep.figures(item.id)).stock == 6
        assert await shop.findings() == ["I12"]


async def test_an_entry_that_is_recorded_is_not_refused_for_coming_often(database_url: str, redis_url: str) -> None:
    async with quiet_shop(database_url, redis_url) as shop:
        item = await shop.item()
        bought = await shop.buy(uuid4(), uuid4().hex, 2)
        [entry] = await shop.runtime.stream.everything(item.id)
        async with shop.database.transaction() as connection:
            await record_purchases(connection, item.id, [read_reservation(entry.text)])
        await dead_letter(shop, item.id, entry)
        assert (await find_purchase(shop.runtime, bought.purchase_id)).status == "confirmed"
        assert await shop.findings() == []


async def test_an_outage_of_postgres_does_not_wear_entries_out(database_url: str, redis_url: str) -> None:
    """Else whoever takes them over afterwards would put sound purchases aside."""
    address = urlsplit(database_url)
    assert address.port is not None
    proxy, attempts = FaultProxy(address.port), 0

    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal attempts
        attempts += 1
        writer.close()

    await proxy.start()
    port = proxy.port
    async with quiet_shop(database_url.replace(f":{address.port}/", f":{port}/"), redis_url) as shop:
        item = await shop.item()
        await shop.buy(uuid4(), uuid4().hex)
        await proxy.stop()
        client = open_redis(redis_url, 2000)
        async with await asyncio.start_server(refuse, "127.0.0.1", port):
            recorder = asyncio.create_task(record_flash_sales(shop.runtime, ReservationStream(FlashLibrary(client))))
            try:
                await eventually(lambda: attempts > 20, "the recorder has tried again and again")
            finally:
                recorder.cancel()
                await asyncio.gather(recorder, return_exceptions=True)
        [entry] = await cast("Any", client).xpending_range(item_keys(item.id)[5], GROUP, "-", "+", 10)
        await client.aclose()
        assert entry["times_delivered"] <= 3


async def test_an_unreadable_entry_is_kept_aside(database_url: str, redis_url: str) -> None:
    async with quiet_shop(database_url, redis_url) as shop:
        item = await shop.item()
        stranger = reservation_text(reservation(item, id=purchase_id(item.id + 1, 1, random_bits())))
        for text in ("nonsense", stranger):
            entry_id = await shop.runtime.library.client.xadd(item_keys(item.id)[5], {"e": text})
            letter = StreamEntry(entry_id.decode() if isinstance(entry_id, bytes) else entry_id, text)
            await dead_letter(shop, item.id, letter)
        assert await shop.findings() == ["I12", "I12"]


async def test_an_item_that_is_over_is_watched_until_all_of_it_is_recorded(database_url: str, redis_url: str) -> None:
    async with quiet_shop(database_url, redis_url) as shop:
        item = await shop.item()

        async def is_watched() -> bool:
            async with shop.database.read() as connection:
                return item.id in [one.id for one in (await items_to_cache(connection))[0]]

        async def change(statement: str) -> None:
            async with shop.database.transaction() as connection:
                await connection.execute(statement, shop.sale.id)

        await shop.buy(uuid4(), uuid4().hex)
        await shop.move("end")
        await change("UPDATE flash_sales SET changed_at = changed_at - interval '3 days' WHERE id = $1")
        assert await is_watched()
        await shop.record()
        await maintain_item(shop.runtime, await shop.item())
        assert await is_watched()  # for another hour
        await change("UPDATE flash_sale_items SET retired_at = retired_at - interval '2 hours' WHERE sale_id = $1")
        assert not await is_watched()
        assert await shop.runtime.library.client.pttl(item_keys(item.id)[0]) > 0


@pytest.mark.parametrize("wrong", [1, -1])
async def test_units_that_nobody_knows_of_are_noticed(database_url: str, redis_url: str, wrong: int) -> None:
    async with quiet_shop(database_url, redis_url) as shop:
        item = await shop.item()
        await shop.buy(uuid4(), uuid4().hex)
        await shop.record()
        await shop.runtime.library.client.hincrby(item_keys(item.id)[0], "stock", wrong)
        await shop.follow()
        assert (await shop.runtime.upkeep.figures(item.id)).stock == 5
        assert await shop.findings() == []


async def test_what_is_under_way_is_no_imbalance(database_url: str, redis_url: str) -> None:
    async with quiet_shop(database_url, redis_url, hold_seconds=600) as shop:
        item = await shop.item()

        async def seems_wrong(held_by_then: StockItem) -> bool:
            found = await shop.runtime.upkeep.figures(item.id)
            assert found.stock + held_by_then.sold != found.allocated
            return await is_unbalanced(shop.database, shop.runtime.upkeep, held_by_then, found)

        bought = await shop.buy(uuid4(), uuid4().hex)
        assert not await seems_wrong(item)  # it waits to be recorded
        await shop.record()
        assert not await seems_wrong(item)  # it was recorded since the item was read
        async with shop.database.transaction() as connection:
            await cancel_reserved(connection, bought.purchase_id)
            await give_back_units(connection, item.id, bought.customer_id, 1)
            await insert_giving_back(connection, bought.purchase_id, item.id, 1)
        assert not await seems_wrong(await shop.item())  # Redis is about to be told
        await notify_redis(shop.database, shop.runtime.upkeep)
        async with shop.database.transaction() as connection:
            await connection.execute("UPDATE flash_sale_items SET sold = sold + 1 WHERE id = $1", item.id)
        assert await seems_wrong(await shop.item())


async def test_nobody_is_refused_while_redis_may_have_taken_the_units(database_url: str, redis_url: str) -> None:
    address = urlsplit(redis_url)
    assert address.port is not None
    proxy = FaultProxy(address.port, marker=b"_reserve")
    await proxy.start()
    try:
        behind = redis_url.replace(f":{address.port}/", f":{proxy.port}/")
        async with quiet_shop(database_url, behind, allocated=2) as shop:
            item, customer = await shop.item(), uuid4()
            async with shop.database.transaction() as connection:  # Redis does not know of these
                await record_purchases(connection, item.id, [reservation(item, quantity=2)])
            proxy.drop_replies_to = 2
            with pytest.raises(Unavailable):
                await shop.buy(customer, "k")
            assert proxy.dropped == 2
            assert (await shop.runtime.upkeep.figures(item.id)).stock == 1
            await shop.record()
            late = await shop.buy(customer, "k")
            assert (late.status, late.reason) == ("rejected", "sold_out_after_recovery")
    finally:
        await proxy.stop()


async def test_a_repeat_after_the_end_is_not_refused_while_redis_is_away(database_url: str, redis_url: str) -> None:
    address = urlsplit(redis_url)
    assert address.port is not None
    proxy = FaultProxy(address.port)
    await proxy.start()
    async with quiet_shop(database_url, redis_url.replace(f":{address.port}/", f":{proxy.port}/")) as shop:
        customer = uuid4()
        bought = await shop.buy(customer, "k")
        await shop.move("end")
        assert await shop.buy(customer, "k") == bought
        await proxy.stop()
        with pytest.raises(Unavailable):
            await shop.buy(customer, "k")
