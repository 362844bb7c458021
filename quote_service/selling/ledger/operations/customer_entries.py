"""What the ledger holds about one customer.

Source: docs/spec/customers.md#export.
"""

from collections.abc import AsyncIterator
from uuid import UUID

import msgspec

from quote_service.platform.postgres.listed_rows import Wanted
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.selling.ledger.model.customer_entry import CustomerEntry
from quote_service.selling.ledger.model.records import AccountRecord
from quote_service.selling.ledger.tables.accounts import (
    ACCOUNT_ROWS,
    EntryFilter,
    EntryPlace,
    page_of_entries,
)

_AT_ONCE = 100
# More than there are currencies.
_ACCOUNTS_MAX = 1000


async def has_entries(connection: Connection, customer_id: UUID) -> bool:
    """Whether anything has been posted about a customer."""
    return bool(await _accounts_of(connection, customer_id, 1))


async def entries_of_customer(database: Database, customer_id: UUID) -> AsyncIterator[list[CustomerEntry]]:
    """All entries of a customer's accounts, one account after the other, each newest first.

    Raises:
        Unavailable: The database cannot be reached; what has come until then is not all.
    """
    async with database.transaction() as connection:
        accounts = await _accounts_of(connection, customer_id, _ACCOUNTS_MAX)
    for account in accounts:
        before: EntryPlace | None = None
        while True:
            async with database.transaction() as connection:
                page = await page_of_entries(connection, account.id, EntryFilter(), before=before, limit=_AT_ONCE)
            if not page:
                break
            yield [CustomerEntry(**msgspec.structs.asdict(entry), currency=account.currency) for entry in page]
            before = EntryPlace(page[-1].posted_at, page[-1].number)


async def _accounts_of(connection: Connection, customer_id: UUID, limit: int) -> list[AccountRecord]:
    wanted = Wanted({"account": "customer", "party_id": customer_id}, limit=limit)
    return (await ACCOUNT_ROWS.page(connection, wanted)).rows
