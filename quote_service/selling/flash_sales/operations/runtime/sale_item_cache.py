"""What is on sale, as one process knows it: read from PostgreSQL twice a second, and again at once when it proves old.

While PostgreSQL is unavailable what was read last stays: Redis holds the same and is asked at each purchase anyway.

Source: docs/spec/flash-sales.md#sale-prices-in-quotes.
"""

import asyncio
from uuid import UUID

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import NotFound
from quote_service.pricing.sales.sale_prices import SalePrices
from quote_service.selling.flash_sales.model.stock_item import StockItem
from quote_service.selling.flash_sales.operations.runtime.sale_prices import sale_prices_of
from quote_service.selling.flash_sales.tables.stock import items_of_sale, items_to_cache, read_item


class SaleItemCache:
    """Items by id, and by sale and product; `prices` is what quotes see of them. Everything that was committed by `reached_us` of
    the database's clock is in them."""

    __slots__ = ("_by_product", "_database", "_items", "_reading", "prices", "reached_us")

    def __init__(self, database: Database) -> None:
        self._database = database
        self._items: dict[int, StockItem] = {}
        self._by_product: dict[tuple[UUID, UUID], StockItem] = {}
        self._reading: asyncio.Task[None] | None = None
        self.prices = SalePrices()
        self.reached_us = 0

    @property
    def items(self) -> list[StockItem]:
        """Every cached item."""
        return list(self._items.values())

    def item(self, item_id: int) -> StockItem | None:
        """A cached item."""
        return self._items.get(item_id)

    async def refresh(self) -> None:
        """Read all items again; whoever asks meanwhile waits for the same reading.

        Raises:
            Unavailable: PostgreSQL cannot be reached; the items stay as they are.
        """
        if self._reading is None:
            self._reading = asyncio.create_task(self._read(), name="read the items on sale")
            self._reading.add_done_callback(self._forget_reading)
        await asyncio.shield(self._reading)

    async def find(self, sale_id: UUID, product_id: UUID) -> StockItem:
        """An item by its sale and product, cached or not.

        Raises:
            NotFound: There is no such sale, or the product is not on it.
            Unavailable: It is not cached, and PostgreSQL cannot be reached.
        """
        found = self._by_product.get((sale_id, product_id))
        if found is not None:
            return found
        async with self._database.read() as connection:
            items = await items_of_sale(connection, sale_id)
        for item in items:
            if item.product_id == product_id:
                return item
        raise NotFound("This product is not on this flash sale" if items else "There is no such flash sale")

    async def find_by_id(self, item_id: int) -> StockItem | None:
        """An item by its id, cached or not.

        Raises:
            Unavailable: It is not cached, and PostgreSQL cannot be reached.
        """
        found = self._items.get(item_id)
        if found is not None:
            return found
        async with self._database.read() as connection:
            return await read_item(connection, item_id)

    def _forget_reading(self, reading: asyncio.Task[None]) -> None:
        self._reading = None
        if not reading.cancelled():
            reading.exception()  # whoever waits is told; nobody need be waiting

    async def _read(self) -> None:
        async with self._database.read() as connection:
            items, at_us = await items_to_cache(connection)
        self._items = {item.id: item for item in items}
        self._by_product = {(item.sale_id, item.product_id): item for item in items}
        self.prices.replace(sale_prices_of(items))
        self.reached_us = at_us
