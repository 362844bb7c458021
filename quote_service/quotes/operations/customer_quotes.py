"""What accepted quotes hold about a customer: told page by page, or taken away.

Source: docs/spec/customers.md#export; docs/spec/customers.md#erasure.
"""

from collections.abc import AsyncIterator
from uuid import UUID

import msgspec

from quote_service.platform.postgres.pool import Connection, Database
from quote_service.quotes.model.customer_quote import CustomerQuote
from quote_service.quotes.tables.customer_quotes import forget_customer, page_of_customer_quotes
from quote_service.shop.reservations.operations.used_coupons import forget_users_of_coupons, used_coupons

# A quote may have 500 lines: a page of these is a few megabytes at most.
_QUOTES_AT_ONCE = 10
_FORGOTTEN_AT_ONCE = 500


async def quotes_of_customer(database: Database, customer_id: UUID) -> AsyncIterator[list[CustomerQuote]]:
    """The accepted quotes of a customer, oldest first; no connection is held between pages.

    Raises:
        Unavailable: The database cannot be reached; what has been read until then is not all.
    """
    last: CustomerQuote | None = None
    while True:
        async with database.read() as connection:
            page = await page_of_customer_quotes(connection, customer_id, after=last, limit=_QUOTES_AT_ONCE)
            used = await used_coupons(connection, [quote.quote_id for quote in page])
        if not page:
            return
        yield [msgspec.structs.replace(quote, coupon_uses=used[quote.quote_id]) for quote in page]
        last = page[-1]


async def has_quotes(connection: Connection, customer_id: UUID) -> bool:
    """Whether an accepted quote is this customer's."""
    return bool(await page_of_customer_quotes(connection, customer_id, after=None, limit=1))


async def forget_customer_of_quotes(connection: Connection, customer_id: UUID) -> None:
    """Take an erased customer out of every accepted quote, within the caller's transaction; lines and amounts stay."""
    while quote_ids := await forget_customer(connection, customer_id, _FORGOTTEN_AT_ONCE):
        await forget_users_of_coupons(connection, quote_ids)
