"""Post transactions: the one way into the ledger.

Source: docs/spec/ledger.md#transactions.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.postgres.change import Change
from quote_service.platform.system.errors import Conflict
from quote_service.platform.system.new_ids import new_id
from quote_service.selling.ledger.model.transactions import Transaction
from quote_service.selling.ledger.tables.transactions import insert_transactions, transactions_of


class SourcePosted(Conflict):
    """Another transaction is posted for the same source: what is posted stays."""

    code = "source-posted"
    title = "Source already posted"


class Posted(NamedTuple):
    """The transaction that is posted for a source; whether it is this one or an earlier one that says the same."""

    id: UUID
    is_new: bool


async def post_transaction(change: Change, transaction: Transaction) -> Posted:
    """Post one transaction; as `post_transactions`."""
    (posted,) = await post_transactions(change, [transaction])
    return posted


async def post_transactions(change: Change, transactions: Sequence[Transaction]) -> list[Posted]:
    """Post transactions when the caller's database transaction commits: entries and balances are made then, for all at once.

    A busy account is locked from there until the commit is on disk; whoever has many transactions posts them in one
    database transaction.

    Args:
        change: Who causes them.
        transactions: No two of one kind and source.

    Returns:
        In the same order. A source that has been posted before is answered with that transaction, and not posted again.

    Raises:
        SourcePosted: A source has been posted before, with other entries.
    """
    instant_ms = change.at_us // 1000
    ids = [UUID(new_id(instant_ms)) for _ in transactions]
    new = await insert_transactions(change.connection, change, ids, transactions)
    repeated = [each for each, given in zip(transactions, ids, strict=True) if given not in new]
    if not repeated:
        return [Posted(given, is_new=True) for given in ids]
    stored = await transactions_of(change.connection, [(each.kind, each.source_id) for each in repeated])
    for each in repeated:
        if stored[each.kind, each.source_id].entries != each.entries:
            raise SourcePosted(f"Another transaction is posted for this {each.kind}")
    return [
        Posted(given, is_new=True) if given in new else Posted(stored[each.kind, each.source_id].id, is_new=False)
        for each, given in zip(transactions, ids, strict=True)
    ]
