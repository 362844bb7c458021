"""Accounts, their entries, and transactions: `/api/v1/ledger`.

Source: docs/spec/ledger.md#lists.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from quote_service.platform.callers.access import ADMINS, LEDGER_READERS, Caller
from quote_service.platform.documents.documents import envelope, read_document
from quote_service.platform.http.answers import one_answer, page_answer
from quote_service.platform.http.callers import caller_of, change_of
from quote_service.platform.http.cursors import read_page
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.local_times import Bound, TimeZoneName, read_bounds, read_zone
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import Forbidden, Invalid
from quote_service.selling.ledger.model.adjustments import AdjustmentDraft, entries_of
from quote_service.selling.ledger.model.payouts import Currency
from quote_service.selling.ledger.model.records import AccountRecord, EntryRecord, TransactionRecord
from quote_service.selling.ledger.model.transactions import AccountName
from quote_service.selling.ledger.operations.adjust import adjust
from quote_service.selling.ledger.operations.ledger_meters import LedgerMeters
from quote_service.selling.ledger.routes import examples
from quote_service.selling.ledger.tables.accounts import (
    AccountFilter,
    EntryFilter,
    EntryPlace,
    page_of_accounts,
    page_of_entries,
    require_account,
)
from quote_service.selling.ledger.tables.transactions import read_transaction

_ACCOUNTS = "ledger-accounts"
_ENTRIES = "ledger-entries"
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


@get(
    "/accounts",
    opt={
        "access": LEDGER_READERS,
        "described": Described(
            answer=AccountRecord, answer_example=examples.ACCOUNT, form="list", query=AccountFilters
        ),
    },
)
async def list_ledger_accounts(request: Request[Any, Any, Any]) -> Response[bytes]:
    """List accounts of the ledger.

    With their balances, by id. Only admins see customers' accounts.
    """
    page = read_page(request.scope["query_string"], _ACCOUNTS, AccountFilters, tuple[UUID])
    given = page.filters
    with_customers = _sees_customers(caller_of(request))
    if given.currency is not None and given.currency not in EXPONENTS:
        raise Invalid.at("/query/currency", "is no ISO 4217 currency")
    if given.account == "customer" and not with_customers:
        raise Forbidden("Only admins see customers' accounts")
    wanted = AccountFilter(given.account, given.party_id, given.currency)
    after = None if page.after is None else page.after[0]
    async with parts_of(request)[Database].transaction() as connection:
        rows = await page_of_accounts(
            connection, wanted, with_customers=with_customers, after=after, limit=page.limit + 1
        )
    return page_answer(page, _ACCOUNTS, rows, lambda row: (row.id,))


@get(
    "/accounts/{account_id:uuid}/entries",
    opt={
        "access": LEDGER_READERS,
        "described": Described(answer=EntryRecord, answer_example=examples.ENTRY, form="list", query=EntryFilters),
    },
)
async def list_ledger_entries(request: Request[Any, Any, Any], account_id: FromPath[UUID]) -> Response[bytes]:
    """List the entries of an account.

    Newest first, each with the balance after it.
    """
    page = read_page(request.scope["query_string"], _ENTRIES, EntryFilters, tuple[_Instant, _Number])
    given = page.filters
    zone = read_zone(given.time_zone, parts_of(request)[Settings].time_zone)
    period = read_bounds(given.from_, given.to, zone)
    before = None if page.after is None else EntryPlace(*page.after)
    wanted = EntryFilter(*period)
    async with parts_of(request)[Database].transaction() as connection:
        await require_account(connection, account_id, with_customers=_sees_customers(caller_of(request)))
        rows = await page_of_entries(connection, account_id, wanted, before=before, limit=page.limit + 1)
    return page_answer(page, _ENTRIES, rows, lambda row: (row.posted_at, row.number))


@get(
    "/transactions/{transaction_id:uuid}",
    opt={
        "access": ADMINS,
        "described": Described(answer=TransactionRecord, answer_example=examples.TRANSACTION, message="Transaction"),
    },
)
async def show_ledger_transaction(request: Request[Any, Any, Any], transaction_id: FromPath[UUID]) -> Response[bytes]:
    """Get a transaction of the ledger.

    With all its entries, which add up to zero in each currency.
    """
    async with parts_of(request)[Database].snapshot() as connection:
        return one_answer(await read_transaction(connection, transaction_id), "Transaction")


@post(
    "/adjustments",
    opt={
        "access": ADMINS,
        "described": Described(
            body=AdjustmentDraft,
            body_example=examples.ADJUSTMENT,
            answer=TransactionRecord,
            answer_example=examples.ADJUSTED,
            message="Adjustment posted",
            repeatable=True,
            headers={"Location": "The transaction."},
        ),
    },
)
async def post_ledger_adjustment(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Post an adjustment.

    Corrects balances: two or more entries that add up to zero in each currency. What is posted can never be changed; post
    the opposite to take it back.
    """
    draft = read_document(await request.body(), AdjustmentDraft)
    entries_of(draft)  # what is wrong with it is told before anything is written
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        record = await adjust(creation.connection, change_of(request), draft)
        headers = {"Location": f"/api/v1/ledger/transactions/{record.id}"}
        answer = creation.answer(201, envelope(record, "Adjustment posted"), headers)
    parts_of(request)[LedgerMeters].posted("adjustment")
    return answer


def _sees_customers(caller: Caller) -> bool:
    """What single customers were charged is for admins alone."""
    return "admin" in caller.roles
