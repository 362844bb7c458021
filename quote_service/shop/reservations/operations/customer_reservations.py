"""What reservations hold about a customer: told page by page, or taken away.

Source: docs/spec/customers.md#export; docs/spec/customers.md#erasure.
"""

from collections.abc import AsyncIterator, Awaitable
from uuid import UUID

from quote_service.platform.postgres.key_pages import key_pages
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.shop.reservations.model.customer_reservation import CustomerReservation
from quote_service.shop.reservations.tables.customer_reservations import forget_customer, page_of_customer_reservations

_AT_ONCE = 100


def reservations_of_customer(database: Database, customer_id: UUID) -> AsyncIterator[list[CustomerReservation]]:
    """Quotes that are reserved for a customer, or were until a day ago, by id; no connection is held between pages.

    Raises:
        Unavailable: The database cannot be reached; what has been read until then is not all.
    """

    def read(connection: Connection, after: UUID | None) -> Awaitable[list[CustomerReservation]]:
        return page_of_customer_reservations(connection, customer_id, after=after, limit=_AT_ONCE)

    return key_pages(database, read, None, lambda last: last.quote_id)


async def has_reservations(connection: Connection, customer_id: UUID) -> bool:
    """Whether a quote is reserved for this customer, or was until a day ago."""
    return bool(await page_of_customer_reservations(connection, customer_id, after=None, limit=1))


async def forget_customer_of_reservations(connection: Connection, customer_id: UUID) -> None:
    """Take an erased customer out of reservations, of what quotes have taken, and of uses of coupons.

    Within the transaction that erases. What is held stays held, and counts and sums stay as they are.
    """
    await forget_customer(connection, customer_id)
