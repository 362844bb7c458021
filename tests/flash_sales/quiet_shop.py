"""A process that sells whose loops stand still: what they would do, the test does, when it likes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

from quote_service.platform.money.numbers import ExactNumber, read_number
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.redis_store.connection import open_redis
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.selling.flash_sales.model.purchase import Purchase, PurchaseDraft
from quote_service.selling.flash_sales.model.sale import SaleDraft, SaleItemDraft, SaleRecord
from quote_service.selling.flash_sales.model.stock_item import StockItem
from quote_service.selling.flash_sales.operations.buying.buy import buy
from quote_service.selling.flash_sales.operations.recording.record_stream import drain
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import (
    FlashSaleRuntime,
    open_flash_sale_runtime,
)
from quote_service.selling.flash_sales.operations.sales.create_sale import create_sale
from quote_service.selling.flash_sales.operations.sales.move_sale import Step, move_sale
from quote_service.selling.flash_sales.operations.upkeep.audit_sale import audit_sale
from quote_service.selling.flash_sales.operations.upkeep.maintain_items import follow_sale
from quote_service.selling.flash_sales.tables.stock import items_of_sale
from tests.flash_sales.orders_of_sales import wrong_orders

PRICE = read_number("19.99")


@dataclass
class QuietShop:
    """The runtime, and an active sale."""

    runtime: FlashSaleRuntime
    database: Database
    sale: SaleRecord

    async def items(self) -> list[StockItem]:
        """The sale's items as PostgreSQL has them now."""
        async with self.database.read() as connection:
            return await items_of_sale(connection, self.sale.id)

    async def item(self) -> StockItem:
        return (await self.items())[0]

    async def buy(
        self, customer: UUID, key: str, quantity: int = 1, *, place: int = 0, price: ExactNumber = PRICE
    ) -> Purchase:
        draft = PurchaseDraft(product_id=self.sale.items[place].product_id, quantity=quantity, expected_price=price)
        return (await buy(self.runtime, self.sale.id, customer, draft, key, now_us() // 1000)).purchase

    async def record(self) -> None:
        """What a recorder does."""
        for item in await self.items():
            await drain(self.database, self.runtime.stream, item.id)

    async def move(self, step: Step) -> None:
        async with self.database.transaction() as connection:
            await move_sale(
                Change.within(connection, change_by_system("test", now_us())), self.sale.id, step, UNCONDITIONAL
            )
        await self.follow()

    async def follow(self) -> None:
        """What the maintenance does."""
        # Redis has half a second for a command here, which a busy machine may need more than once.
        assert any([await follow_sale(self.runtime, self.sale.id) for _ in range(5)])

    async def findings(self) -> list[str]:
        """The invariants that an audit finds broken, and what is wrong with orders."""
        found = await audit_sale(self.database, self.runtime.upkeep, self.sale.id)
        return [finding.invariant for finding in found.findings] + await wrong_orders(self.database, self.sale.id)


@asynccontextmanager
async def quiet_shop(
    database_url: str,
    redis_url: str,
    *,
    allocated: int = 6,
    limit: int = 2,
    products: int = 1,
    hold_seconds: int | None = None,
    uses_scripts: bool = False,
) -> AsyncIterator[QuietShop]:
    """Open a shop with an active sale of its own."""
    database = await Database.open(database_url, connections_max=8)
    client = open_redis(redis_url, 500)
    runtime = open_flash_sale_runtime(database, client)
    runtime.library.uses_scripts = uses_scripts
    try:
        yield await put_on_sale(runtime, allocated=allocated, limit=limit, products=products, hold_seconds=hold_seconds)
    finally:
        await runtime.close()
        await client.aclose()
        await database.close()


async def put_on_sale(
    runtime: FlashSaleRuntime, *, allocated: int = 6, limit: int = 2, products: int = 1, hold_seconds: int | None = None
) -> QuietShop:
    """Begin a sale of new products."""
    now = now_us()
    draft = SaleDraft(
        name="quiet",
        starts_at=from_micros(now),
        ends_at=from_micros(now + 3600 * 10**6),
        hold_seconds=hold_seconds,
        items=[
            SaleItemDraft(
                product_id=uuid4(),
                sale_price=PRICE,
                currency="TRY",
                allocated_stock=allocated,
                per_customer_limit=limit,
            )
            for _ in range(products)
        ],
    )
    async with runtime.database.transaction() as connection:
        sale = await create_sale(Change.within(connection, change_by_system("test", now)), draft)
    shop = QuietShop(runtime, runtime.database, sale)
    await shop.move("activate")
    return shop
