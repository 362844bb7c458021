"""Several shops of one process at one time, each with an active sale of its own, and crowds that buy in them."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.redis_store.connection import open_redis
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.platform.system.supervisor import Supervisor
from quote_service.selling.flash_sales.loops.maintenance import maintain_flash_sales
from quote_service.selling.flash_sales.loops.recorder import run_recorder
from quote_service.selling.flash_sales.loops.sale_items import watch_sale_items
from quote_service.selling.flash_sales.model.sale import SaleDraft, SaleItemDraft
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import (
    FlashSaleRuntime,
    open_flash_sale_runtime,
)
from quote_service.selling.flash_sales.operations.sales.create_sale import create_sale
from quote_service.selling.flash_sales.operations.sales.move_sale import move_sale
from quote_service.selling.flash_sales.operations.upkeep.audit_sale import audit_sale
from quote_service.selling.flash_sales.operations.upkeep.maintain_items import follow_sale
from quote_service.selling.flash_sales.tables.stock import items_of_sale
from tests.conftest import eventually
from tests.flash_sales.test_faults import LIMIT, PRICE, Shop

SEED = 20261121
HOUR_SECONDS = 3600.0


@asynccontextmanager
async def open_runtime(database_url: str, redis_url: str, timeout_ms: int = 300) -> AsyncIterator[FlashSaleRuntime]:
    """A process that sells, without its loops."""
    database = await Database.open(database_url, connections_max=16, acquire_seconds=1.0)
    client = open_redis(redis_url, timeout_ms)
    runtime = open_flash_sale_runtime(database, client)
    try:
        yield runtime
    finally:
        await runtime.close()
        await client.aclose()
        await database.close()


@asynccontextmanager
async def run_loops(runtime: FlashSaleRuntime, redis_url: str) -> AsyncIterator[None]:
    """The loops of a worker; the one of the recorder has a client of its own."""
    supervisor = Supervisor()
    supervisor.start("sale_items", lambda: watch_sale_items(runtime))
    supervisor.start("maintenance", lambda: maintain_flash_sales(runtime, round_seconds=0.1))
    supervisor.start("recorder", lambda: run_recorder(runtime, redis_url))
    try:
        yield
    finally:
        await supervisor.stop()


@asynccontextmanager
async def run_item_cache(runtime: FlashSaleRuntime) -> AsyncIterator[None]:
    """The loop of a process that sells only."""
    supervisor = Supervisor()
    supervisor.start("sale_items", lambda: watch_sale_items(runtime))
    try:
        yield
    finally:
        await supervisor.stop()


async def announce(
    runtime: FlashSaleRuntime,
    allocated: int,
    *,
    since_seconds: float = 0.0,
    seconds: float = HOUR_SECONDS,
    hold_seconds: int | None = None,
    by_hand: bool = True,
) -> Shop:
    """A sale of one product that is active now, began so long ago and ends in so many seconds.

    One that is begun by hand is on whatever Redis's clock says; one that the schedule begins, from its start.
    """
    item = SaleItemDraft(
        product_id=uuid4(), sale_price=PRICE, currency="TRY", allocated_stock=allocated, per_customer_limit=LIMIT
    )
    now = now_us()
    starts, ends = now - int(since_seconds * 10**6), now + int(seconds * 10**6)
    draft = SaleDraft(
        name="x", starts_at=from_micros(starts), ends_at=from_micros(ends), items=[item], hold_seconds=hold_seconds
    )
    async with runtime.database.transaction() as connection:
        sale = await create_sale(Change.within(connection, change_by_system("test", now)), draft)
        await move_sale(
            Change.within(connection, change_by_system("test", now)),
            sale.id,
            "activate",
            UNCONDITIONAL,
            by_hand=by_hand,
        )
    # A busy machine may need more than the time for one command.
    assert any([await follow_sale(runtime, sale.id) for _ in range(5)])
    return Shop(runtime, runtime.database, sale.id, item.product_id, allocated)


async def item_id_of(shop: Shop) -> int:
    async with shop.database.read() as connection:
        return (await items_of_sale(connection, shop.sale_id))[0].id


async def sell_in_all(
    shops: Sequence[Shop], buyers: int, seconds: float, *faults: tuple[float, Callable[[], Awaitable[None]]]
) -> None:
    """So many buyers come to each shop over so many seconds, some twice; meanwhile faults happen, each at its time."""
    chance = random.Random(SEED)
    async with asyncio.TaskGroup() as group:
        for shop in shops:
            customers = [uuid4() for _ in range(buyers)]
            for customer in (*customers, *customers[: buyers // 4]):
                group.create_task(shop.buy_to_the_end(customer, chance.choice((1, 1, 2)), chance.uniform(0, seconds)))
        for at, happens in faults:
            group.create_task(_at(at, happens))


async def _at(seconds: float, happens: Callable[[], Awaitable[None]]) -> None:
    await asyncio.sleep(seconds)
    await happens()


async def confirms_again(shop: Shop) -> float:
    """Buy one unit after another until one is confirmed; how many seconds that took."""
    began = time.monotonic()

    async def is_confirmed() -> bool:
        return await shop.buy_once(uuid4(), uuid4().hex, 1, 1.0) == "confirmed"

    await eventually(is_confirmed, "a purchase is confirmed")
    return time.monotonic() - began


async def recoveries_of(shop: Shop) -> list[str]:
    """Why the item was built in Redis, each time."""
    item_id = await item_id_of(shop)
    async with shop.database.read() as connection:
        rows = await connection.fetch(
            "SELECT reason FROM flash_sale_recoveries WHERE item_id = $1 ORDER BY epoch", item_id
        )
    return [row["reason"] for row in rows]


async def rejected_in(shop: Shop) -> int:
    """Purchases that were refused late."""
    return (await audit_sale(shop.database, shop.runtime.upkeep, shop.sale_id)).rejected
