"""Read orders.

Source: docs/spec/orders.md#lists.
"""

from uuid import UUID

from quote_service.platform.postgres.pool import Database
from quote_service.selling.orders.model.order import Order
from quote_service.selling.orders.model.records import OrderEvent
from quote_service.selling.orders.tables.order_life import events_of
from quote_service.selling.orders.tables.order_lists import OrderFilter, page_of_orders
from quote_service.selling.orders.tables.orders import read_heads, read_order


async def find_order(database: Database, order_id: UUID) -> Order:
    """An order as it is.

    Raises:
        NotFound: There is none.
    """
    async with database.read() as connection:
        return await read_order(connection, order_id)


async def list_orders(database: Database, wanted: OrderFilter, *, before: UUID | None, limit: int) -> list[Order]:
    """Up to `limit` orders that pass the filter, newest first and without their lines, from before one of them."""
    async with database.transaction() as connection:
        return await read_heads(connection, await page_of_orders(connection, wanted, before=before, limit=limit))


async def list_events(database: Database, order_id: UUID) -> list[OrderEvent]:
    """What was done to an order, first that it was placed.

    Raises:
        NotFound: There is no such order.
    """
    async with database.snapshot() as connection:
        order = await read_order(connection, order_id)
        events = await events_of(connection, order_id)
    placed = OrderEvent(
        number=0, action="place", status="placed", at=order.placed_at, actor=order.placed_by, reason=None
    )
    return [placed, *events]
