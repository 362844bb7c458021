"""Accepted quotes: written once, read again by whoever accepts a second time, explains, pays out or counts.

Source: docs/spec/quotes.md#accept-a-quote.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from quote_service.platform.postgres.outbox import OUTBOX
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.changes import Author
from quote_service.platform.system.event_types import patterns_of
from quote_service.platform.system.instants import from_micros
from quote_service.quotes.model.accepted_quote import AcceptedQuote, QuoteFigures

STATEMENTS = Statements(__file__, "accepted_quotes", OUTBOX)
_WANTING = patterns_of("quote.accepted")


class AcceptedBy(NamedTuple):
    """Whose quote was accepted; None where nobody knows."""

    customer_id: str | None


async def insert_accepted(
    connection: Connection, change: Author, accepted: AcceptedQuote, figures: QuoteFigures
) -> bool | None:
    """Write an accepted quote; None if it is accepted already, after waiting for those who are about to.

    Returns:
        Whether an endpoint wants `quote.accepted`.
    """
    is_wanted: bool | None = await connection.fetchval(
        STATEMENTS["insert_accepted"], *_values(change, accepted, figures), _WANTING
    )
    return is_wanted


async def insert_all_accepted(
    connection: Connection, accepted: Sequence[tuple[Author, AcceptedQuote, QuoteFigures]]
) -> bool:
    """Write accepted quotes, held by the transaction, of which none has been accepted.

    Returns:
        Whether an endpoint wants `quote.accepted`.
    """
    columns = map(list, zip(*(_values(*each) for each in accepted), strict=True))
    is_wanted: bool = await connection.fetchval(STATEMENTS["insert_all_accepted"], *columns, _WANTING)
    return is_wanted


@STATEMENTS.query()
async def hold_customers(connection: Connection, customer_ids: Sequence[UUID]) -> None:
    """See to it that these customers are not erased until the transaction ends."""


async def accepted_quotes(connection: Connection, quote_ids: Sequence[UUID]) -> dict[UUID, AcceptedQuote]:
    """Those of these quotes that have been accepted, by id."""
    rows = await connection.fetch(STATEMENTS["accepted_quotes"], quote_ids)
    return {UUID(row["quote_id"]): AcceptedQuote(**dict(row)) for row in rows}


@STATEMENTS.query()
async def accepted_quote(connection: Connection, quote_id: UUID) -> AcceptedQuote | None:
    """The accepted quote of this id; None if it has not been accepted."""


def _values(change: Author, accepted: AcceptedQuote, figures: QuoteFigures) -> tuple[Any, ...]:
    """The columns of a row; its coupon codes as JSON."""
    return (
        UUID(accepted.quote_id),
        None if accepted.customer_id is None else UUID(accepted.customer_id),
        *figures.columns,
        None if figures.payouts is None else msgspec.json.encode(figures.payouts).decode(),
        msgspec.json.encode(figures.coupon_codes).decode(),
        accepted.data,
        accepted.request,
        accepted.rulebook_version,
        from_micros(accepted.issued_at_us),
        from_micros(accepted.valid_until_us),
        from_micros(accepted.accepted_at_us),
        change.actor,
        change.actor_kind,
        change.request_id,
        accepted.receipt,
    )


@STATEMENTS.query()
async def customer_of_accepted(connection: Connection, quote_id: UUID) -> AcceptedBy | None:
    """Whose the accepted quote of this id is; None if it has not been accepted."""


@STATEMENTS.query()
async def newest_requests(connection: Connection, limit: int) -> list[bytes]:
    """The requests of up to so many of the quotes accepted last, the newest first; those that are not kept are passed over."""
