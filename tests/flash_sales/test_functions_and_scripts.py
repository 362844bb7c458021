"""Functions and scripts decide alike, and neither a flush nor another release takes anything twice or away.

Source: docs/spec/flash-sales.md#stock-server.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
import redis

from quote_service.platform.money.numbers import ExactNumber, read_number
from quote_service.platform.redis_store.connection import open_redis
from quote_service.platform.redis_store.keys import item_keys
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.platform.system.new_ids import random_bits
from quote_service.selling.flash_sales.model.reservation import purchase_id, read_reservation
from quote_service.selling.flash_sales.operations.buying.decide_purchase import cancel_purchase, confirm_purchase
from quote_service.selling.flash_sales.operations.buying.find_purchase import find_purchase
from quote_service.selling.flash_sales.tables import library
from quote_service.selling.flash_sales.tables.library import FlashLibrary
from tests.flash_sales.quiet_shop import PRICE, QuietShop, quiet_shop

FORBIDDEN = {
    "it may call no function": "-fcall -function",
    "it may load no function": "-function",
    "it may call functions only": "-eval -evalsha -script",
}
WAYS = ["functions", "scripts", *FORBIDDEN]


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, redis_url: str) -> tuple[str, bool]:
    """A URL of Redis, and whether scripts are asked for from the start."""
    if request.param not in FORBIDDEN:
        return redis_url, request.param == "scripts"
    with redis.Redis.from_url(redis_url) as client:
        client.function_flush()
        rules = FORBIDDEN[request.param].split()
        client.execute_command("ACL", "SETUSER", "seller", "reset", "on", ">secret", "~*", "&*", "+@all", *rules)
    return redis_url.replace(f":{urlsplit(redis_url).password}@", "seller:secret@"), False


async def outcome(shop: QuietShop, customer: UUID, key: str, quantity: int = 1, price: ExactNumber = PRICE) -> str:
    try:
        return (await shop.buy(customer, key, quantity, price=price)).status
    except QuoteServiceError as refusal:
        return refusal.code


async def stock(shop: QuietShop) -> tuple[int, int, int]:
    """Units left, reservations to be decided, entries to be recorded."""
    found = await shop.runtime.upkeep.figures((await shop.item()).id)
    return found.stock, found.held, found.waiting


async def test_every_way_decides_alike(database_url: str, way: tuple[str, bool]) -> None:
    url, uses_scripts = way
    async with quiet_shop(database_url, url, allocated=4, hold_seconds=600, uses_scripts=uses_scripts) as shop:
        one, other, third = uuid4(), uuid4(), uuid4()
        first = await shop.buy(one, "k", 2)
        assert (await shop.buy(one, "k", 2)).purchase_id == first.purchase_id
        assert [
            await outcome(shop, one, "k", 1),
            await outcome(shop, one, "l", 1),
            await outcome(shop, other, "j", 1, read_number("19.98")),
            await outcome(shop, other, "k", 2),
            await outcome(shop, third, "j", 1),
        ] == ["idempotency-key-reused", "limit-reached", "price-changed", "reserved", "sold-out"]
        assert await stock(shop) == (0, 2, 2)
        await shop.record()
        assert await stock(shop) == (0, 2, 0)
        await confirm_purchase(shop.runtime, first.purchase_id)
        given_up = await shop.buy(other, "k", 2)
        for _ in range(2):
            await cancel_purchase(shop.runtime, given_up.purchase_id)
        assert await stock(shop) == (2, 0, 0)
        assert await outcome(shop, third, "j", 1) == "sold-out"  # as before, under that key
        assert await outcome(shop, third, "k", 1) == "reserved"
        await shop.runtime.library.client.delete(item_keys((await shop.item()).id)[0])
        assert await outcome(shop, other, "n", 1) == "sale-not-loaded"
        await shop.follow()  # under another epoch, with what waited recorded
        assert await outcome(shop, third, "k", 1) == "reserved"
        assert await stock(shop) == (1, 1, 0)
        await shop.move("end")
        assert await outcome(shop, other, "o", 1) == "sale-not-active"
        assert await shop.findings() == []


@pytest.mark.parametrize("uses_scripts", [False, True], ids=["functions", "scripts"])
async def test_what_is_flushed_is_loaded_again(database_url: str, redis_url: str, uses_scripts: bool) -> None:
    async with quiet_shop(database_url, redis_url, allocated=50, uses_scripts=uses_scripts) as shop:
        client = cast("Any", shop.runtime.library.client)
        for buyers in (1, 40):  # alone, and many in one pipeline
            await client.execute_command("SCRIPT FLUSH")
            await client.execute_command("FUNCTION FLUSH")
            reported = await asyncio.gather(*(outcome(shop, uuid4(), "k") for _ in range(buyers)))
            assert set(reported) == {"reserved"}
        assert await stock(shop) == (9, 41, 41)
        await client.execute_command("SCRIPT FLUSH")
        await client.execute_command("FUNCTION FLUSH")
        await shop.record()
        assert await shop.findings() == []


@pytest.mark.parametrize("uses_scripts", [False, True], ids=["functions", "scripts"])
async def test_a_flush_in_the_midst_of_a_sale_takes_nothing_twice(
    database_url: str, redis_url: str, uses_scripts: bool
) -> None:
    async with quiet_shop(database_url, redis_url, allocated=30, uses_scripts=uses_scripts) as shop:
        client, is_over = open_redis(redis_url, 2000), asyncio.Event()

        async def flush() -> None:
            while not is_over.is_set():
                await cast("Any", client).execute_command("SCRIPT FLUSH" if uses_scripts else "FUNCTION FLUSH")

        async def buy(place: int) -> str:
            for _ in range(place % 7):  # not all in one pipeline
                await asyncio.sleep(0)
            return await outcome(shop, uuid4(), "k")

        flushing = asyncio.create_task(flush())
        try:
            reported = Counter(await asyncio.gather(*(buy(place) for place in range(60))))
        finally:
            is_over.set()
            await flushing
            await client.aclose()
        # Where a flush came between loading and calling, PostgreSQL sold directly, and Redis is then built again.
        assert set(reported) <= {"reserved", "confirmed", "sold-out", "overloaded"}, reported
        await shop.record()
        await shop.follow()
        sold = (await shop.item()).sold
        assert sold <= 30
        assert sold <= reported["reserved"] + reported["confirmed"]
        assert await shop.findings() == []


async def test_functions_and_scripts_share_an_item(database_url: str, redis_url: str) -> None:
    """As two processes do of which one may not call functions."""
    async with quiet_shop(database_url, redis_url, allocated=4) as shop:
        for reported in ("reserved", "reserved", "reserved", "reserved", "sold-out", "sold-out"):
            shop.runtime.library.uses_scripts = not shop.runtime.library.uses_scripts
            assert await outcome(shop, uuid4(), "k") == reported
        await shop.record()
        assert await shop.findings() == []


async def test_two_releases_sell_side_by_side(
    database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As while one is rolled out: each calls its own functions on the same keys."""
    async with quiet_shop(database_url, redis_url, allocated=3) as shop:
        item, other = await shop.item(), uuid4().hex[:10]
        assert await outcome(shop, uuid4(), "k") == "reserved"
        client = cast("Any", shop.runtime.library.client)
        with monkeypatch.context() as patch:
            patch.setattr(library, "_AS_LIBRARY", library._AS_LIBRARY.replace(library._DIGEST, other))
            patch.setattr(library, "_PREFIX", library._PREFIX.replace(library._DIGEST, other))
            elder = FlashLibrary(client)
            identifier, customer = purchase_id(item.id, 1, random_bits()), uuid4()
            words = (str(identifier), str(customer), 1, "k", "0" * 20, 1999, item.epoch, 10)
            verdict, text = await elder.call("reserve", item.id, words)
            assert (verdict, read_reservation(text.decode()).id) == (b"RESERVED", identifier)
        names = {row[1].decode() for row in await client.execute_command("FUNCTION LIST")}
        assert {library.LIBRARY, f"quote_flash_sales_{other}"} <= names
        assert await outcome(shop, uuid4(), "k") == "reserved"
        assert await outcome(shop, uuid4(), "k") == "sold-out"
        await client.execute_command("FUNCTION DELETE", f"quote_flash_sales_{other}")  # the elder is gone
        await shop.record()
        assert (await find_purchase(shop.runtime, identifier)).status == "confirmed"
        assert await shop.findings() == []
