"""Accounts, and the entries of one.

Source: docs/spec/ledger.md#accounts.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.errors import NotFound
from quote_service.selling.ledger.model.records import AccountRecord, EntryRecord, shown_amount
from quote_service.selling.ledger.model.transactions import AccountName

STATEMENTS = Statements(__file__, "accounts")
_BALANCE = (shown_amount, "balance_minor", "exponent")


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


@STATEMENTS.query(columns={"balance": _BALANCE}, custom_plan=True)
async def page_of_accounts(
    connection: Connection, wanted: AccountFilter, *, after: UUID | None, with_customers: bool, limit: int
) -> list[AccountRecord]:
    """Up to `limit` accounts that pass the filter, by id from behind `after`. Must run within a transaction."""


async def require_account(connection: Connection, account_id: UUID, *, with_customers: bool) -> None:
    """Do nothing if there is such an account.

    Raises:
        NotFound: There is none, or it is a customer's and these are not shown.
    """
    account = await connection.fetchval(STATEMENTS["account"], account_id)
    if account is None or (account == "customer" and not with_customers):
        raise NotFound("There is no such account")


@STATEMENTS.query(columns={"amount": (shown_amount, "amount_minor", "exponent"), "balance": _BALANCE}, custom_plan=True)
async def page_of_entries(
    connection: Connection, account_id: UUID, wanted: EntryFilter, *, before: EntryPlace | None, limit: int
) -> list[EntryRecord]:
    """Up to `limit` entries of an account, newest first, from before a place. Must run within a transaction."""
