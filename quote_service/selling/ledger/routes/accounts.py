"""Accounts, their entries, and transactions: `/api/v1/ledger`.

Source: docs/spec/ledger.md#lists.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import FromPath

from quote_service.platform.callers.access import ADMINS, LEDGER_READERS, Caller
from quote_service.platform.http.checked_filters import check_filters
from quote_service.platform.http.cursors import Page
from quote_service.platform.http.endpoints.connections import CreatingChange, Snapshot, Writing
from quote_service.platform.http.endpoints.endpoint import get, post
from quote_service.platform.http.endpoints.results import Cursor, Location
from quote_service.platform.http.lists.listing import ListAnswer, Listing, ListRequest
from quote_service.platform.http.local_times import Bound, TimeZoneName, read_bounds, read_zone
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import Forbidden
from quote_service.selling.ledger.model.adjustments import AdjustmentDraft, entries_of
from quote_service.selling.ledger.model.payouts import Currency
from quote_service.selling.ledger.model.records import AccountRecord, EntryRecord, TransactionRecord
from quote_service.selling.ledger.model.transactions import AccountName
from quote_service.selling.ledger.operations.adjust import adjust
from quote_service.selling.ledger.operations.ledger_meters import LedgerMeters
from quote_service.selling.ledger.tables.accounts import (
    ACCOUNT_ROWS,
    EntryFilter,
    EntryPlace,
    page_of_entries,
    require_account,
)
from quote_service.selling.ledger.tables.transactions import read_transaction

_Number = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
_Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class AccountFilters(msgspec.Struct, frozen=True):
    """Which accounts to list."""

    account: AccountName | None = None
    """Only accounts for this."""
    party_id: UUID | None = None
    """Only accounts of this seller or customer."""
    currency: Currency | None = None
    """Only accounts in this currency (ISO 4217)."""


class EntryFilters(msgspec.Struct, frozen=True):
    """Which entries to list."""

    from_: Bound | None = msgspec.field(default=None, name="from")
    """Only entries posted at or after this instant, or from this date on."""
    to: Bound | None = None
    """Only entries posted before this instant, or date."""
    time_zone: TimeZoneName | None = None
    """IANA time zone that dates are of; by default `QUOTE_TIME_ZONE`."""


@get("/accounts", access=LEDGER_READERS, listing=Listing("ledger-accounts", ACCOUNT_ROWS, AccountFilters))
async def list_ledger_accounts(rows: ListRequest[AccountRecord], caller: Caller) -> ListAnswer:
    """List accounts of the ledger.

    With their balances, by id. Only admins see customers' accounts.
    """

    async def check(_: Connection, asked: AccountFilters) -> None:
        check_filters(asked.currency)
        if asked.account == "customer" and not _sees_customers(caller):
            raise Forbidden("Only admins see customers' accounts")

    return await rows.answer({"with_customers": _sees_customers(caller)}, check=check)


def _wanted_entries(page: Page[EntryFilters, tuple[_Instant, _Number]], settings: Settings) -> EntryFilter:
    given = page.filters
    return EntryFilter(*read_bounds(given.from_, given.to, read_zone(given.time_zone, settings.time_zone)))


@get(
    "/accounts/{account_id:uuid}/entries",
    access=LEDGER_READERS,
    cursor=Cursor("ledger-entries", ("posted_at", "number")),
    dependencies={"wanted": _wanted_entries},
)
async def list_ledger_entries(
    connection: Writing,
    caller: Caller,
    account_id: FromPath[UUID],
    page: Page[EntryFilters, tuple[_Instant, _Number]],
    wanted: EntryFilter,
) -> list[EntryRecord]:
    """List the entries of an account.

    Newest first, each with the balance after it.
    """
    before = None if page.after is None else EntryPlace(*page.after)
    await require_account(connection, account_id, with_customers=_sees_customers(caller))
    return await page_of_entries(connection, account_id, wanted, before=before, limit=page.limit + 1)


@get("/transactions/{transaction_id:uuid}", access=ADMINS, message="Transaction")
async def show_ledger_transaction(connection: Snapshot, transaction_id: FromPath[UUID]) -> TransactionRecord:
    """Get a transaction of the ledger.

    With all its entries, which add up to zero in each currency.
    """
    return await read_transaction(connection, transaction_id)


def _count_adjustment(meters: LedgerMeters) -> None:
    meters.posted("adjustment")


@post(
    "/adjustments",
    access=ADMINS,
    message="Adjustment posted",
    location=Location("/api/v1/ledger/transactions/{id}", "The transaction."),
    check=entries_of,
    then=_count_adjustment,
)
async def post_ledger_adjustment(change: CreatingChange, data: AdjustmentDraft) -> TransactionRecord:
    """Post an adjustment.

    Corrects balances: two or more entries that add up to zero in each currency. What is posted can never be changed; post
    the opposite to take it back.
    """
    return await adjust(change, data)


def _sees_customers(caller: Caller) -> bool:
    """What single customers were charged is for admins alone."""
    return "admin" in caller.roles
