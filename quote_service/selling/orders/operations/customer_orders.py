"""What orders hold about a customer: told page by page, or taken away.

Source: docs/spec/customers.md#export; docs/spec/customers.md#erasure.
"""

from collections.abc import AsyncIterator
from uuid import UUID

from quote_service.platform.postgres.pool import Connection, Database
from quote_service.selling.orders.model.records import OrderRecord, record_of
from quote_service.selling.orders.tables.customer_orders import forget_customer, page_of_customer
from quote_service.selling.orders.tables.orders import read_orders

# An order may have 500 lines.
_AT_ONCE = 10


async def orders_of_customer(database: Database, customer_id: UUID) -> AsyncIterator[list[OrderRecord]]:
    """The orders of a customer, oldest first; no connection is held between pages.

    Raises:
        Unavailable: The database cannot be reached; what has been read until then is not all.
    """
    last: UUID | None = None
    while True:
        async with database.read() as connection:
            ids = await page_of_customer(connection, customer_id, after=last, limit=_AT_ONCE)
            orders = await read_orders(connection, ids)
        if not ids:
            return
        yield [record_of(order) for order in orders]
        last = ids[-1]


async def has_orders(connection: Connection, customer_id: UUID) -> bool:
    """Whether an order is this customer's."""
    return bool(await page_of_customer(connection, customer_id, after=None, limit=1))


async def forget_customer_of_orders(connection: Connection, customer_id: UUID) -> None:
    """Take what names an erased customer out of orders, within the caller's transaction; the id and amounts stay."""
    await forget_customer(connection, customer_id)
