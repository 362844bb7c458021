"""A sale goes on while something breaks, and afterwards every invariant holds.

Servers of each test's own; the clients' history is held against the records, and the databases against each other.

Source: docs/spec/flash-sales.md#faults; docs/spec/flash-sales.md#invariants.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.money.numbers import read_number
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.migrate import migrate
from quote_service.platform.postgres.pool import Database
from quote_service.platform.redis_store.connection import open_redis
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.platform.system.supervisor import Supervisor
from quote_service.selling.flash_sales.loops.maintenance import maintain_flash_sales
from quote_service.selling.flash_sales.loops.recorder import run_recorder
from quote_service.selling.flash_sales.loops.sale_items import watch_sale_items
from quote_service.selling.flash_sales.model.purchase import PurchaseDraft
from quote_service.selling.flash_sales.model.sale import SaleDraft, SaleItemDraft
from quote_service.selling.flash_sales.model.stock_item import StockItem
from quote_service.selling.flash_sales.operations.buying.buy import buy, in_its_place, wait_for_outcome
from quote_service.selling.flash_sales.operations.recording.record_stream import drain
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import (
    FlashSaleRuntime,
    open_flash_sale_runtime,
)
from quote_service.selling.flash_sales.operations.sales.create_sale import create_sale
from quote_service.selling.flash_sales.operations.sales.move_sale import move_sale
from quote_service.selling.flash_sales.operations.upkeep.audit_sale import audit_sale
from quote_service.selling.flash_sales.operations.upkeep.maintain_items import follow_sale, maintain_items
from quote_service.selling.flash_sales.tables.audit import count_recoveries
from tests.conftest import MakeDatabase, eventually
from tests.fixtures.postgres_clusters import postgres_server_in
from tests.flash_sales.fault_proxy import FaultProxy
from tests.flash_sales.history import Kept, Seen, check_history
from tests.flash_sales.orders_of_sales import wrong_orders

pytestmark = [
    pytest.mark.second_try("kills servers while a sale goes on"),
    pytest.mark.long("sales that go on while servers are killed"),
]

PRICE = read_number("19.99")
LIMIT = 2
SEED = 20261121


@dataclass
class Shop:
    """A process that sells, with its loops, and an active sale of one product."""

    runtime: FlashSaleRuntime
    database: Database
    sale_id: UUID
    product_id: UUID
    allocated: int
    seen: list[Seen] = field(default_factory=list)

    async def buy_once(self, customer: UUID, key: str, quantity: int, wait_seconds: float) -> str:
        draft = PurchaseDraft(product_id=self.product_id, quantity=quantity, expected_price=PRICE)
        try:
            bought = await buy(self.runtime, self.sale_id, customer, draft, key, now_us() // 1000)
            purchase = await wait_for_outcome(self.runtime, bought.purchase, wait_seconds)
            purchase = await in_its_place(self.runtime, purchase, key)
        except QuoteServiceError as error:
            outcome = "unknown" if error.kind == "unavailable" else "refused"
            self.seen.append(Seen(str(customer), key, outcome))
            return outcome
        reported = (str(customer), key, purchase.status, str(purchase.purchase_id), purchase.quantity, 1999)
        self.seen.append(Seen(*reported))
        return purchase.status

    async def buy_to_the_end(self, customer: UUID, quantity: int, pause: float) -> None:
        """As a client should: the same key until there is an answer that is one."""
        await asyncio.sleep(pause)
        key = uuid4().hex
        for _ in range(40):
            if await self.buy_once(customer, key, quantity, 0.3) in ("confirmed", "refused", "rejected"):
                return
            await asyncio.sleep(0.2)

    async def kept(self) -> list[Kept]:
        async with self.database.read() as connection:
            rows = await connection.fetch("SELECT * FROM flash_sale_purchases WHERE sale_id = $1", self.sale_id)
        return [
            Kept(
                str(row["id"]),
                str(row["customer_id"]),
                row["idempotency_key"],
                row["status"],
                row["quantity"],
                row["unit_price_minor"],
            )
            for row in rows
        ]

    async def is_quiet(self) -> bool:
        """Whether everything is recorded, told and of one mind."""
        try:
            return not (await audit_sale(self.database, self.runtime.upkeep, self.sale_id)).findings
        except QuoteServiceError:
            return False

    async def assert_all_holds(self) -> int:
        """Every invariant, from the databases and from the history; how many reservations were lost."""
        await eventually(self.is_quiet, "the sale is quiet and every invariant of the databases holds")
        verdict = check_history(self.seen, await self.kept(), allocated=self.allocated, limit=LIMIT)
        assert verdict.violations == []
        assert await wrong_orders(self.database, self.sale_id) == []
        customer, key = uuid4(), uuid4().hex

        async def sells() -> bool:
            return await self.buy_once(customer, key, 1, 5.0) in ("confirmed", "refused")

        # I14: it sells again, or says truly that there is nothing left. On a busy machine a command may be given up once.
        await eventually(sells, "it sells again")
        return verdict.lost


@asynccontextmanager
async def open_shop(
    database_url: str, redis_url: str, allocated: int, recorder_url: str = "", runs_loops: bool = True
) -> AsyncIterator[Shop]:
    database = await Database.open(database_url, connections_max=16, acquire_seconds=1.0)
    client = open_redis(redis_url, 300)
    runtime = open_flash_sale_runtime(database, client)
    supervisor = Supervisor()
    item = SaleItemDraft(
        product_id=uuid4(), sale_price=PRICE, currency="TRY", allocated_stock=allocated, per_customer_limit=LIMIT
    )
    now = now_us()
    draft = SaleDraft(name="x", starts_at=from_micros(now), ends_at=from_micros(now + 3600 * 10**6), items=[item])
    try:
        async with database.transaction() as connection:
            sale = await create_sale(Change.within(connection, change_by_system("test", now)), draft)
            await move_sale(
                Change.within(connection, change_by_system("test", now)), sale.id, "activate", UNCONDITIONAL
            )
        # Redis has 300 ms for a command here, which a busy machine may need more than once.
        assert any([await follow_sale(runtime, sale.id) for _ in range(5)])
        if runs_loops:
            supervisor.start("sale_items", lambda: watch_sale_items(runtime))
            supervisor.start("maintenance", lambda: maintain_flash_sales(runtime, round_seconds=0.1))
            supervisor.start("recorder", lambda: run_recorder(runtime, recorder_url or redis_url))
        yield Shop(runtime, database, sale.id, item.product_id, allocated)
    finally:
        await supervisor.stop()
        await runtime.close()
        await client.aclose()
        await database.close()


async def sell_while(shop: Shop, happens: Callable[[], Awaitable[None]], buyers: int, seconds: float) -> None:
    """Buyers come over so many seconds, some of them twice; in the midst of it something happens."""
    chance = random.Random(SEED)
    customers = [uuid4() for _ in range(buyers)]
    async with asyncio.TaskGroup() as group:
        for customer in (*customers, *customers[: buyers // 4]):
            pause, quantity = chance.uniform(0, seconds), chance.choice((1, 1, 2))
            group.create_task(shop.buy_to_the_end(customer, quantity, pause))
        group.create_task(_after(seconds / 2, happens))


async def _after(seconds: float, happens: Callable[[], Awaitable[None]]) -> None:
    await asyncio.sleep(seconds)
    await happens()


@pytest.fixture
def stock(server_folder: Path, request: pytest.FixtureRequest) -> Iterator[ValkeyServer]:
    """A Valkey of the test's own; it may be broken."""
    with ValkeyServer(server_folder / f"stock-{uuid4().hex[:8]}", append_only=request.param) as server:
        yield server


async def test_two_thousand_buyers_at_one_instant_buy_a_hundred_units(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url, allocated=100) as shop:
        released = asyncio.Event()

        async def buyer() -> str:
            await released.wait()
            return await shop.buy_once(uuid4(), uuid4().hex, 1, 10.0)

        buyers = [asyncio.create_task(buyer()) for _ in range(2000)]
        await asyncio.sleep(0)
        released.set()
        assert Counter(await asyncio.gather(*buyers)) == {"confirmed": 100, "refused": 1900}
        assert await shop.assert_all_holds() == 0
        assert sum(one.quantity for one in await shop.kept()) == 100


@pytest.mark.parametrize("stock", [True, False], ids=["with its file", "without a file"], indirect=True)
async def test_redis_is_killed(database_url: str, stock: ValkeyServer) -> None:
    async with open_shop(database_url, stock.url, allocated=60) as shop:

        async def kill() -> None:
            await asyncio.to_thread(stock.kill)
            await asyncio.sleep(0.5)
            await asyncio.to_thread(stock.start)

        await sell_while(shop, kill, buyers=120, seconds=2.0)
        await shop.assert_all_holds()
        assert await recoveries(shop) >= 2  # it was built again


@pytest.mark.parametrize("stock", [False], indirect=True)
async def test_redis_forgets_everything(database_url: str, stock: ValkeyServer) -> None:
    async with open_shop(database_url, stock.url, allocated=60) as shop:
        await sell_while(shop, lambda: forget(stock), buyers=120, seconds=1.5)
        await shop.assert_all_holds()


@pytest.mark.parametrize("stock", [True], indirect=True)
async def test_redis_stands_still_for_five_seconds(database_url: str, stock: ValkeyServer) -> None:
    async with open_shop(database_url, stock.url, allocated=60) as shop:

        async def freeze() -> None:
            stock.freeze()
            try:
                await asyncio.sleep(5)
            finally:
                stock.thaw()

        await sell_while(shop, freeze, buyers=120, seconds=2.0)
        assert shop.runtime.directly > 0  # PostgreSQL sold meanwhile
        assert await shop.assert_all_holds() == 0


@pytest.mark.parametrize("stock", [True], indirect=True)
async def test_answers_of_redis_are_lost(database_url: str, stock: ValkeyServer) -> None:
    proxy = FaultProxy(stock.port, marker=b"FCALL")
    await proxy.start()
    behind = stock.url.replace(f":{stock.port}/", f":{proxy.port}/")
    try:
        async with open_shop(database_url, behind, allocated=60, recorder_url=stock.url) as shop:

            async def lose() -> None:
                proxy.drop_replies_to = 5

            await sell_while(shop, lose, buyers=120, seconds=1.5)
            assert proxy.dropped == 5
            assert await shop.assert_all_holds() == 0
            assert sum(one.quantity for one in await shop.kept() if one.status == "confirmed") == 60
    finally:
        await proxy.stop()


async def test_postgres_is_away_for_a_while(server_folder: Path, redis_url: str) -> None:
    with postgres_server_in(server_folder / f"ledger-{uuid4().hex[:8]}", durable=True) as server:
        await migrate(server.url)
        async with open_shop(server.url, redis_url, allocated=60) as shop:

            async def kill() -> None:
                await asyncio.to_thread(server.kill)
                await asyncio.sleep(0.5)
                assert await shop.buy_once(uuid4(), uuid4().hex, 1, 0) in ("reserved", "refused")
                await asyncio.to_thread(server.start)

            await sell_while(shop, kill, buyers=120, seconds=1.5)
            assert await shop.assert_all_holds() == 0
        server.discard()


async def test_a_repeat_after_a_lost_answer_takes_nothing_twice(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url, allocated=10) as shop:
        customer, key = uuid4(), uuid4().hex
        outcomes = await asyncio.gather(*(shop.buy_once(customer, key, 1, 5.0) for _ in range(20)))
        assert set(outcomes) == {"confirmed"}
        assert len({one.purchase_id for one in shop.seen}) == 1
        await shop.assert_all_holds()


@pytest.mark.parametrize("stock", [False], indirect=True)
async def test_what_is_on_sale_is_built_anew_before_what_is_over(
    new_database_url: MakeDatabase, stock: ValkeyServer
) -> None:
    url = new_database_url()
    for _ in range(3):
        async with (
            open_shop(url, stock.url, allocated=1, runs_loops=False) as over,
            over.database.transaction() as held,
        ):
            change = change_by_system("test", now_us())
            await move_sale(Change.within(held, change), over.sale_id, "end", UNCONDITIONAL)
    async with open_shop(url, stock.url, allocated=1, runs_loops=False) as shop:
        await forget(stock)
        await shop.runtime.item_cache.refresh()
        assert await maintain_items(shop.runtime) is None
        async with shop.database.read() as connection:
            rows = await connection.fetch(
                "SELECT sale_id FROM flash_sale_recoveries JOIN flash_sale_items ON id = item_id"
                " WHERE flash_sale_recoveries.epoch > 1 ORDER BY at"
            )
        assert len(rows) == 4
        assert rows[0]["sale_id"] == shop.sale_id


@pytest.mark.parametrize("stock", [True], indirect=True)
async def test_what_was_bought_while_redis_was_away_is_answered_when_it_is_back(
    database_url: str, stock: ValkeyServer
) -> None:
    async with sold_directly(database_url, stock) as (shop, customer, key):
        first = shop.seen[0].purchase_id
        before = await stock_in_redis(shop)
        # Redis has never heard of the key, and is not asked for what PostgreSQL knows.
        assert await shop.buy_once(customer, key, 1, 0) == "confirmed"
        assert shop.seen[-1].purchase_id == first
        assert await stock_in_redis(shop) == before


@pytest.mark.parametrize("stock", [True], indirect=True)
async def test_a_second_reservation_of_a_key_is_answered_with_its_first_purchase(
    database_url: str, stock: ValkeyServer
) -> None:
    async with sold_directly(database_url, stock) as (shop, customer, key):
        first = shop.seen[0].purchase_id
        shop.runtime.doubtful_until = 0.0  # as in another process, which has not noticed that Redis was unavailable
        repeating = asyncio.create_task(shop.buy_once(customer, key, 1, 10.0))
        while not repeating.done():
            await drain(shop.database, shop.runtime.stream, item_of(shop).id)
            await asyncio.sleep(0.01)
        assert await repeating == "confirmed"
        assert shop.seen[-1].purchase_id == first
        assert [one.status for one in await shop.kept() if one.customer_id == str(customer)].count("confirmed") == 1
        # Redis still answers with the second reservation; that it is decided against is no answer to the request.
        shop.runtime.doubtful_until = 0.0
        assert await shop.buy_once(customer, key, 1, 0) == "confirmed"
        assert shop.seen[-1].purchase_id == first


@asynccontextmanager
async def sold_directly(database_url: str, stock: ValkeyServer) -> AsyncIterator[tuple[Shop, UUID, str]]:
    """A purchase was made while Redis was unavailable; Redis sells again, and nobody has built the item again yet."""
    async with open_shop(database_url, stock.url, allocated=10_000, runs_loops=False) as shop:
        await shop.runtime.item_cache.refresh()
        customer, key = uuid4(), uuid4().hex
        await asyncio.to_thread(stock.kill)
        assert await shop.buy_once(customer, key, 1, 0) == "confirmed"
        await asyncio.to_thread(stock.start)

        async def is_back() -> bool:
            return await shop.buy_once(uuid4(), uuid4().hex, 1, 0) == "reserved"

        await eventually(is_back, "Redis sells again")
        yield shop, customer, key


def item_of(shop: Shop) -> StockItem:
    """The item of the shop as its process knows it."""
    [item] = [item for item in shop.runtime.item_cache.items if item.sale_id == shop.sale_id]
    return item


async def stock_in_redis(shop: Shop) -> int:
    return (await shop.runtime.upkeep.figures(item_of(shop).id)).stock


async def forget(stock: ValkeyServer) -> None:
    """Empty a Redis."""
    client = open_redis(stock.url, 1000)
    await client.flushall()
    await client.aclose()


async def recoveries(shop: Shop) -> int:
    """How often the item was built in Redis, its first time included. From the records: Redis need not answer for it."""
    async with shop.database.read() as connection:
        rebuilt, _ = await count_recoveries(connection, shop.sale_id)
    return rebuilt
