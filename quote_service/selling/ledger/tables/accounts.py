"""Accounts, and the entries of one.

Source: docs/spec/ledger.md#accounts.
"""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.platform.system.errors import NotFound
from quote_service.selling.ledger.model.records import AccountRecord, EntryRecord, shown_amount
from quote_service.selling.ledger.model.transactions import AccountName

_QUERIES = load_queries(__file__, "accounts")
_PLAN = _QUERIES["plan_for_values"]
_PAGE = _QUERIES["page_of_accounts"]
_ACCOUNT = _QUERIES["account"]
_ENTRIES = _QUERIES["page_of_entries"]


class AccountFilter(NamedTuple):
    """Which accounts; None is all."""

    account: AccountName | None = None
    party_id: UUID | None = None
    currency: str | None = None


class EntryFilter(NamedTuple):
    """Which entries: `posted_from <= posted_at < posted_to`; None is open."""

    posted_from: datetime | None = None
    posted_to: datetime | None = None


class EntryPlace(NamedTuple):
    """Where an entry stands in its account."""

    posted_at: datetime
    number: int


async def page_of_accounts(
    connection: Connection, wanted: AccountFilter, *, with_customers: bool, after: UUID | None, limit: int
) -> list[AccountRecord]:
    """Up to `limit` accounts that pass the filter, by id from behind `after`. To be asked within a transaction."""
    await connection.execute(_PLAN)
    rows = await connection.fetch(_PAGE, *wanted, after, with_customers, limit)
    return [
        AccountRecord(
            id=row["id"],
            account=row["account"],
            party_id=row["party_id"],
            currency=row["currency"],
            balance=shown_amount(row["balance_minor"], row["exponent"]),
            entry_count=row["entry_count"],
            last_posted_at=row["last_posted_at"],
        )
        for row in rows
    ]


async def require_account(connection: Connection, account_id: UUID, *, with_customers: bool) -> None:
    """Do nothing if there is such an account.

    Raises:
        NotFound: There is none, or it is a customer's and these are not shown.
    """
    account = await connection.fetchval(_ACCOUNT, account_id)
    if account is None or (account == "customer" and not with_customers):
        raise NotFound("There is no such account")


async def page_of_entries(
    connection: Connection, account_id: UUID, wanted: EntryFilter, *, before: EntryPlace | None, limit: int
) -> list[EntryRecord]:
    """Up to `limit` entries of an account, newest first, from before a place. To be asked within a transaction."""
    await connection.execute(_PLAN)
    place: tuple[Any, Any] = (None, None) if before is None else before
    rows = await connection.fetch(_ENTRIES, account_id, *wanted, *place, limit)
    return [
        EntryRecord(
            number=row["number"],
            amount=shown_amount(row["amount_minor"], row["exponent"]),
            balance=shown_amount(row["balance_minor"], row["exponent"]),
            posted_at=row["posted_at"],
            transaction_id=row["transaction_id"],
            kind=row["kind"],
            source_id=row["source_id"],
            reference=row["reference"],
            note=row["note"],
        )
        for row in rows
    ]
