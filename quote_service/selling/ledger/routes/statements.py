"""Statements of sellers, as JSON or CSV.

Source: docs/spec/ledger.md#statements.
"""

from collections.abc import AsyncIterator
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar.params import FromPath
from litestar.response import Stream

from quote_service.platform.callers.access import LEDGER_READERS
from quote_service.platform.documents.documents import envelope, write_document
from quote_service.platform.http.answers import JSON
from quote_service.platform.http.checked_filters import check_filters
from quote_service.platform.http.endpoints.endpoint import get
from quote_service.platform.http.local_times import Bound, TimeZoneName, read_bounds, read_zone
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.selling.ledger.model.payouts import Currency
from quote_service.selling.ledger.model.records import shown_amount
from quote_service.selling.ledger.model.statement import StatementHead, StatementRecord, StatementTransaction
from quote_service.selling.ledger.operations.read_statement import open_statement, transactions_of_statement
from quote_service.selling.ledger.routes.examples import STATEMENT_CSV
from quote_service.selling.ledger.routes.statement_csv import StatementCsv

_CSV = "text/csv"
_Pages = AsyncIterator[list[StatementTransaction]]


class StatementFilters(msgspec.Struct, frozen=True):
    """Which statement, and how."""

    currency: Currency
    """Currency of the statement (ISO 4217)."""
    from_: Bound | None = msgspec.field(default=None, name="from")
    """Beginning of the period: a date, or an instant; the beginning of the ledger by default."""
    to: Bound | None = None
    """End of the period, which is not part of it: a date, or an instant; now by default, and at the latest."""
    time_zone: TimeZoneName | None = None
    """IANA time zone that dates are of, and that CSV shows instants in. By default dates are of `QUOTE_TIME_ZONE`, and CSV is in UTC."""
    format: Literal["json", "csv"] | None = None
    """`csv` or `json`; by default CSV if `Accept` names `text/csv` and no JSON."""


@get(
    "/statement",
    access=LEDGER_READERS,
    message="Statement",
    answer=StatementRecord,
    also={_CSV: STATEMENT_CSV},
    check=lambda query: check_filters(query.currency),
    tag="Ledger",
)
async def show_seller_statement(
    request: AnyRequest, database: Database, settings: Settings, seller_id: FromPath[UUID], query: StatementFilters
) -> Stream:
    """Get a seller's statement.

    What was owed to the seller at the beginning of the period, every transaction with its entries on the seller's accounts,
    and what was owed at the end. A period that is over has the same statement whenever it is asked for.
    """
    zone = read_zone(query.time_zone, settings.time_zone)
    begin, end = read_bounds(query.from_, query.to, zone)
    # Both before the answer starts, so that a database that is unavailable is still a 503.
    head = await open_statement(database, seller_id, query.currency, begin, end)
    pages = transactions_of_statement(database, head)
    first: list[StatementTransaction] = await anext(pages, [])
    if (query.format or _accepted(request.headers.getall("accept", []))) == "csv":
        name = f"statement-{seller_id}-{query.currency}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Vary": "Accept"}
        return Stream(_csv(head, first, pages, zone if query.time_zone else None), media_type=_CSV, headers=headers)
    return Stream(_json(head, first, pages, zone), media_type=JSON, headers={"Vary": "Accept"})


def _accepted(accept: list[str]) -> Literal["json", "csv"]:
    named = {part.partition(";")[0].strip().lower() for line in accept for part in line.split(",")}
    return "csv" if _CSV in named and JSON not in named else "json"


async def _json(
    head: StatementHead, first: list[StatementTransaction], rest: _Pages, zone: ZoneInfo
) -> AsyncIterator[bytes]:
    empty = StatementRecord(
        seller_id=head.seller_id,
        currency=head.currency,
        from_=head.posted_from,
        to=head.posted_to,
        time_zone=zone.key,
        opening_balance=shown_amount(head.opening_minor, head.exponent),
        closing_balance=shown_amount(head.closing_minor, head.exponent),
        transactions=[],
    )
    start = envelope(empty, "Statement")
    end = b"]}}"
    assert start.endswith(b'"transactions":[' + end)
    yield start.removesuffix(end) + b",".join(map(write_document, first))
    comma = b"," if first else b""
    async for page in rest:
        for transaction in page:
            yield comma + write_document(transaction)
            comma = b","
    yield end


async def _csv(
    head: StatementHead, first: list[StatementTransaction], rest: _Pages, zone: ZoneInfo | None
) -> AsyncIterator[bytes]:
    lines = StatementCsv(head, zone)
    yield lines.start() + lines.rows(first)
    async for page in rest:
        yield lines.rows(page)
    yield lines.end()
