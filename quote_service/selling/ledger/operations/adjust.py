"""Correct balances by hand.

Source: docs/spec/ledger.md#adjustments.
"""

from uuid import UUID

from quote_service.platform.postgres.change import Change
from quote_service.platform.system.new_ids import new_id
from quote_service.selling.ledger.model.adjustments import AdjustmentDraft, entries_of
from quote_service.selling.ledger.model.records import TransactionRecord
from quote_service.selling.ledger.model.transactions import Transaction
from quote_service.selling.ledger.operations.post_transaction import post_transaction
from quote_service.selling.ledger.tables.transactions import post_now, read_transaction


async def adjust(change: Change, draft: AdjustmentDraft) -> TransactionRecord:
    """Post an adjustment.

    Args:
        change: Its author.
        draft: Its entries, and why.

    Raises:
        Invalid: The entries cannot be posted.
    """
    source_id = UUID(new_id(change.at_us // 1000))
    transaction = Transaction("adjustment", source_id, entries_of(draft), reference=draft.reference, note=draft.reason)
    posted = await post_transaction(change, transaction)
    await post_now(change.connection)
    record = await read_transaction(change.connection, posted.id)
    await change.record("adjustment.create", None, record, kind="ledger_transaction")
    return record
