"""A seller's statement, page by page, however slowly it is read; no connection is held between pages.

What is posted in a period that is over never changes, so that the pages fit together, and so does the same statement asked
for again.

Source: docs/spec/ledger.md#statements.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from msgspec import UNSET

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Invalid
from quote_service.platform.system.records import record_of
from quote_service.pricing.commission.negative_payouts import payout_negative
from quote_service.pricing.quote_answer import WarningDocument
from quote_service.selling.ledger.model.records import shown_amount
from quote_service.selling.ledger.model.statement import StatementEntry, StatementHead, StatementTransaction
from quote_service.selling.ledger.tables.statements import page_of_statement, read_head

# So few that turning them into lines keeps no quote waiting.
PAGE_ROWS = 250
_BEFORE_ALL = datetime(1, 1, 1, tzinfo=UTC)
_Row = dict[str, Any]


async def open_statement(
    database: Database, seller_id: UUID, currency: str, posted_from: datetime | None, posted_to: datetime | None
) -> StatementHead:
    """The ends of a period and the balances at them; as `read_head`.

    Raises:
        Invalid: The period begins in the future.
        Unavailable: The database cannot be reached.
    """
    async with database.transaction() as connection:
        head = await read_head(connection, seller_id, currency, posted_from, posted_to)
    if posted_from is not None and posted_from > head.posted_to:
        raise Invalid.at("/query/from", "must not be in the future")
    return head


async def transactions_of_statement(
    database: Database, head: StatementHead, page_rows: int = PAGE_ROWS
) -> AsyncIterator[list[StatementTransaction]]:
    """The transactions of the period, oldest first.

    Raises:
        Unavailable: The database cannot be reached; what has been read until then is not all.
    """
    # Numbers begin at 1, so this is before the first entry of the instant.
    after = (head.posted_from or _BEFORE_ALL, 0)
    waiting: list[_Row] = []
    while True:
        async with database.read() as connection:
            rows = await page_of_statement(connection, head, after=after, limit=page_rows)
        if not rows:
            break
        after = (rows[-1]["posted_at"], rows[-1]["number"])
        # The last transaction may go on behind the page.
        groups = [list(group) for _, group in groupby([*waiting, *rows], key=_transaction_of)]
        *whole, waiting = groups
        yield [_shown(head, group) for group in whole]
    if waiting:
        yield [_shown(head, waiting)]


def _transaction_of(row: _Row) -> UUID:
    transaction_id: UUID = row["transaction_id"]
    return transaction_id


def _shown(head: StatementHead, rows: Sequence[_Row]) -> StatementTransaction:
    """A transaction, of its entries on the seller's own account; their order is that of its lines."""
    first, last = rows[0], rows[-1]
    lines = zip(first["accounts"], first["party_ids"], first["currencies"], first["amounts_minor"], strict=True)
    amount_minor = sum(row["amount_minor"] for row in rows)
    return record_of(
        StatementTransaction,
        first,
        amount=shown_amount(amount_minor, head.exponent),
        balance=shown_amount(last["balance_minor"], head.exponent),
        entries=[
            StatementEntry(account=account, amount=shown_amount(line_minor, head.exponent))
            for account, party_id, currency, line_minor in lines
            if party_id == head.seller_id and currency == head.currency
        ],
        warnings=_warnings(head, amount_minor) if first["kind"] == "order" and amount_minor < 0 else UNSET,
    )


def _warnings(head: StatementHead, payout_minor: int) -> list[WarningDocument]:
    warning = payout_negative(str(head.seller_id), payout_minor, head.currency, head.exponent)
    return [WarningDocument(warning.code, warning.detail)]
