"""Correct balances by hand.

Source: docs/spec/ledger.md#adjustments.
"""

from uuid import UUID

from quote_service.platform.documents.documents import write_document
from quote_service.platform.postgres.audit_log import record_change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.changes import Change
from quote_service.platform.system.new_ids import new_id
from quote_service.selling.ledger.model.adjustments import AdjustmentDraft, entries_of
from quote_service.selling.ledger.model.records import TransactionRecord
from quote_service.selling.ledger.model.transactions import Transaction
from quote_service.selling.ledger.operations.post_transaction import post_transaction
from quote_service.selling.ledger.tables.transactions import post_now, read_transaction


async def adjust(connection: Connection, change: Change, draft: AdjustmentDraft) -> TransactionRecord:
    """Post an adjustment.

    Args:
        connection: Inside a transaction, which should end soon: it holds the accounts.
        change: Its author.
        draft: Its entries, and why.

    Raises:
        Invalid: The entries cannot be posted.
    """
    source_id = UUID(new_id(change.at_us // 1000))
    transaction = Transaction("adjustment", source_id, entries_of(draft), reference=draft.reference, note=draft.reason)
    posted = await post_transaction(connection, change, transaction)
    await post_now(connection)
    record = await read_transaction(connection, posted.id)
    await record_change(
        connection,
        change,
        action="adjustment.create",
        object_kind="ledger_transaction",
        object_id=str(record.id),
        before=None,
        after=write_document(record),
    )
    return record
