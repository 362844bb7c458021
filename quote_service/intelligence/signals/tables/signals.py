"""Signals as rows: shown, acknowledged, and what of them holds now.

Source: docs/spec/signals.md#signals.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from asyncpg import Record

from quote_service.intelligence.signals.model.signals import (
    Acknowledgement,
    Evidence,
    SignalDetail,
    SignalKind,
    SignalRecord,
)
from quote_service.platform.documents.exact_documents import convert_exact, parse_exact
from quote_service.platform.money.numbers import ExactNumber, written_number
from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.errors import NotFound
from quote_service.shop.catalog.model.prices import price_number

STATEMENTS = Statements(__file__, "signals")


async def read_signal(connection: Connection, signal_id: UUID) -> SignalDetail:
    """A signal with what it goes by.

    Raises:
        NotFound: There is none.
    """
    row = await connection.fetchrow(STATEMENTS["signal"], signal_id)
    if row is None:
        raise NotFound("There is no such signal")
    values = row_values(row)
    values["evidence"] = convert_exact(parse_exact(row["evidence"]), list[Evidence])
    return SignalDetail(**values)


async def hold_signal(connection: Connection, signal_id: UUID) -> SignalDetail:
    """A signal, locked until the transaction ends.

    Raises:
        NotFound: There is none.
    """
    await connection.execute(STATEMENTS["lock_signal"], signal_id)
    return await read_signal(connection, signal_id)


@STATEMENTS.query(arguments={"kinds": list}, row=lambda row: SignalRecord(**row_values(row)))
async def signals_in_effect(
    connection: Connection, product_ids: Sequence[UUID], kinds: Sequence[SignalKind] | None, at: datetime
) -> list[SignalRecord]:
    """Signals of products that are neither resolved nor expired, acknowledged or not."""


async def changed_signals(connection: Connection, since: datetime, limit: int) -> list[tuple[datetime, SignalRecord]]:
    """Signals that have changed since, the earliest change first, with when they changed."""
    found = []
    for row in await connection.fetch(STATEMENTS["changed_signals"], since, limit):
        values = row_values(row)
        found.append((values.pop("updated_at"), SignalRecord(**values)))
    return found


async def prices_pending(connection: Connection, product_ids: Sequence[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Those of the products with a price that nobody has looked at yet, and whose listings' it is: none where it is ours."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for row in await connection.fetch(STATEMENTS["prices_pending"], product_ids):
        found[row["product_id"]].update(() if row["listing_id"] is None else (row["listing_id"],))
    return {product_id: frozenset(listings) for product_id, listings in found.items()}


async def write_acknowledgement(
    connection: Connection, signal_id: UUID, given: Acknowledgement, author: str, at: datetime
) -> None:
    """Note that a held signal has been seen, and by whom; what a person vouches for is looked at again."""
    await connection.execute(STATEMENTS["acknowledge"], signal_id, at, author, given.note, given.verdict)
    if given.verdict == "genuine":
        await connection.execute(STATEMENTS["vouch"], signal_id)


def row_values(row: Record) -> dict[str, Any]:
    """The fields of a record, by name, of a row that has its columns."""
    values: dict[str, Any] = dict(row)
    for name in ("previous_price", "price"):
        values[name] = None if row[name] is None else price_number(Decimal(row[name]), row["currency"] or "")
    for name in ("measured", "threshold"):
        values[name] = plain_number(row[name])
    return values


def plain_number(text: str | None) -> ExactNumber | None:
    """PostgreSQL's text of a number without zeros at its end: `15.000000` is `15`."""
    if text is None:
        return None
    return written_number(text.rstrip("0").rstrip(".") if "." in text else text)


SIGNAL_ROWS = ListedRows(
    SignalRecord,
    STATEMENTS["signals"],
    order="-id",
    sorts=("kind", "raised_at", "last_at", "occurrences"),
    search=("note",),
    conditions={"since": "listed.raised_at >= {}", "until": "listed.raised_at < {}"},
    make=lambda row: SignalRecord(**row_values(row)),
)
