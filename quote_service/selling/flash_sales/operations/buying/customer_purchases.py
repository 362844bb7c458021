"""The purchases of one customer, page by page.

Source: docs/spec/customers.md#export.
"""

from collections.abc import AsyncIterator, Awaitable
from uuid import UUID

from quote_service.platform.postgres.key_pages import key_pages
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.selling.flash_sales.model.purchase import Purchase, RecordedPurchase, shown_purchase
from quote_service.selling.flash_sales.tables.purchases import page_of_purchases

_PURCHASES_AT_ONCE = 100


async def purchases_of_customer(database: Database, customer_id: UUID) -> AsyncIterator[list[Purchase]]:
    """The recorded purchases of a customer, the newest first; no connection is held between pages.

    Raises:
        Unavailable: The database cannot be reached; what has been read until then is not all.
    """

    def read(connection: Connection, before: UUID | None) -> Awaitable[list[RecordedPurchase]]:
        return page_of_purchases(
            connection, customer_id, sale_id=None, status=None, before=before, limit=_PURCHASES_AT_ONCE
        )

    async for page in key_pages(database, read, None, lambda last: last.id):
        yield [shown_purchase(each) for each in page]


async def has_purchases(connection: Connection, customer_id: UUID) -> bool:
    """Whether a recorded purchase is this customer's."""
    return bool(await page_of_purchases(connection, customer_id, sale_id=None, status=None, before=None, limit=1))
