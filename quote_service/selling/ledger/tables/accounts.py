"""Accounts, and the entries of one.

Source: docs/spec/ledger.md#accounts.
"""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.errors import NotFound
from quote_service.selling.ledger.model.records import AccountRecord, EntryRecord, shown_amount

STATEMENTS = Statements(__file__, "accounts")
_BALANCE = (shown_amount, "balance_minor", "exponent")


class EntryFilter(NamedTuple):
    """Which entries: `posted_from <= posted_at < posted_to`; None is open."""

    posted_from: datetime | None = None
    posted_to: datetime | None = None


class EntryPlace(NamedTuple):
    """Where an entry stands in its account."""

    posted_at: datetime
    number: int


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


def _account(row: Any) -> AccountRecord:
    values = {name: row[name] for name in AccountRecord.__struct_fields__ if name != "balance"}
    return AccountRecord(**values, balance=shown_amount(row["balance_minor"], row["exponent"]))


ACCOUNT_ROWS = ListedRows(
    AccountRecord,
    STATEMENTS["accounts"],
    sorts=("account", "currency", "entry_count", "last_posted_at"),
    conditions={"with_customers": "({}::boolean OR listed.account <> 'customer')"},
    make=_account,
)
