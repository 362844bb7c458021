"""What refunds hold about a customer: told page by page, or taken away.

Source: docs/spec/customers.md#export; docs/spec/customers.md#erasure.
"""

from collections.abc import AsyncIterator, Awaitable
from uuid import UUID

from quote_service.platform.postgres.key_pages import key_pages
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.selling.orders.model.refunds.records import RefundRecord, refund_record
from quote_service.selling.orders.model.refunds.refund import Refund
from quote_service.selling.orders.tables.refunds import forget_reasons, page_of_customer

# A refund may have 500 lines.
_AT_ONCE = 10
_BEFORE_ALL = (UUID(int=0), 0)


async def refunds_of_customer(database: Database, customer_id: UUID) -> AsyncIterator[list[RefundRecord]]:
    """The refunds of a customer's orders, order by order; no connection is held between pages.

    Raises:
        Unavailable: The database cannot be reached; what has been read until then is not all.
    """

    def read(connection: Connection, after: tuple[UUID, int]) -> Awaitable[list[Refund]]:
        return page_of_customer(connection, customer_id, after=after, limit=_AT_ONCE)

    async for page in key_pages(database, read, _BEFORE_ALL, lambda last: (last.order_id, last.number or 0)):
        yield [refund_record(refund) for refund in page]


async def forget_reasons_of_orders(connection: Connection, customer_id: UUID) -> None:
    """Take the reasons out of what was done to an erased customer's orders: they are words, and may name the customer."""
    await forget_reasons(connection, customer_id)
