"""Transactions as rows; a trigger makes entries and balances of them at commit (migrations/0090_ledger.sql).

Source: docs/spec/ledger.md#transactions.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import asyncpg
from asyncpg import Record

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.changes import Author
from quote_service.platform.system.errors import NotFound
from quote_service.selling.ledger.model.payouts import InsufficientBalance
from quote_service.selling.ledger.model.records import PostedEntry, TransactionRecord, shown_amount
from quote_service.selling.ledger.model.transactions import Account, Entry, Transaction, TransactionKind

STATEMENTS = Statements(__file__, "transactions")
_NOT_COVERED = "ledger_payout_covered"

Source = tuple[TransactionKind, UUID]


class Stored(NamedTuple):
    """What is posted for a source already."""

    id: UUID
    entries: tuple[Entry, ...]


async def insert_transactions(
    connection: Connection, change: Author, ids: Sequence[UUID], transactions: Sequence[Transaction]
) -> set[UUID]:
    """Write transactions whose source has none yet; which these are.

    Args:
        connection: Inside a transaction; at its end they are posted.
        change: Who causes them.
        ids: An id for each.
        transactions: No two of one kind and source.
    """
    lines = [(place, entry) for place, each in enumerate(transactions, 1) for entry in each.entries]
    rows = await connection.fetch(
        STATEMENTS["insert_transactions"],
        ids,
        [each.kind for each in transactions],
        [each.source_id for each in transactions],
        [each.reference for each in transactions],
        [each.note for each in transactions],
        [place for place, _ in lines],
        [entry.account.account for _, entry in lines],
        [entry.account.party_id for _, entry in lines],
        [entry.account.currency for _, entry in lines],
        [entry.amount_minor for _, entry in lines],
        [each.actor or change.actor for each in transactions],
        change.at,
    )
    return {row["id"] for row in rows}


def _by_source(row: Record) -> tuple[Source, Stored]:
    lines = zip(row["accounts"], row["party_ids"], row["currencies"], row["amounts_minor"], strict=True)
    entries = tuple(Entry(Account(*account), amount_minor) for *account, amount_minor in lines)
    return (row["kind"], row["source_id"]), Stored(row["id"], entries)


@STATEMENTS.query(row=_by_source)
async def transactions_of(connection: Connection, sources: Sequence[Source]) -> dict[Source, Stored]:
    """What is stored for these sources."""


async def post_now(connection: Connection) -> None:
    """Post what the transaction has written, instead of at its commit.

    From here on it holds the locks of the accounts: it must write nothing more that is posted, and should end soon.

    Raises:
        InsufficientBalance: A payout takes more than the seller's balance.
    """
    try:
        await connection.execute(STATEMENTS["post_now"])
    except asyncpg.RestrictViolationError as refusal:
        if refusal.constraint_name != _NOT_COVERED:
            raise
        raise InsufficientBalance(balance_minor=int(refusal.detail or 0)) from refusal


@STATEMENTS.query(
    columns={
        "amount": (shown_amount, "amount_minor", "exponent"),
        "balance": (shown_amount, "balance_minor", "exponent"),
    }
)
async def entries_of_transaction(connection: Connection, transaction_id: UUID) -> list[PostedEntry]:
    """The entries of a transaction in their order; none before it is posted."""


async def read_transaction(connection: Connection, transaction_id: UUID) -> TransactionRecord:
    """A transaction that has been posted.

    Raises:
        NotFound: There is none.
    """
    row = await connection.fetchrow(STATEMENTS["transaction"], transaction_id)
    entries = await entries_of_transaction(connection, transaction_id)
    if row is None or not entries:
        raise NotFound("There is no such transaction")
    return TransactionRecord(**row, entries=entries)
