"""An admin ends a commission rate, or a change set many.

Source: docs/spec/commission.md#managing-rates.
"""

import asyncio
from collections.abc import Collection
from uuid import UUID

from quote_service.platform.documents.documents import write_document
from quote_service.platform.postgres.audit_log import record_changes
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.changes import Change
from quote_service.platform.system.event_types import EVENTS_OF_ACTIONS
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.preconditions import Precondition
from quote_service.rulebook.commission_rates.model.rate_records import RateRecord, content_of, ended
from quote_service.rulebook.commission_rates.operations.replace_rate import hold_rate, write_next_version
from quote_service.rulebook.commission_rates.tables.commission_rates import (
    RateToWrite,
    allow_long_statements,
    lock_rulebook,
    read_rates,
    update_rates,
)


async def end_rate(connection: Connection, change: Change, rate_id: UUID, precondition: Precondition) -> RateRecord:
    """End a rate at the instant of the change; one that has not begun is switched off, one that has ended stays.

    Args:
        connection: Inside a transaction.
        change: Its author.
        rate_id: Which.
        precondition: The version that the author has seen.

    Raises:
        NotFound: There is no such rate.
        Stale: It has been changed since.
    """
    held = await hold_rate(connection, rate_id, precondition)
    return await write_next_version(connection, change, held, content_of(ended(held, change.at_us)), "rate.end")


async def end_rates(connection: Connection, change: Change, rate_ids: Collection[UUID]) -> None:
    """End rates that there are, as `end_rate` each, in a few statements: a period that only becomes shorter overlaps no other.

    Args:
        connection: Inside a transaction.
        change: Its author.
        rate_ids: Which.
    """
    if not rate_ids:
        return
    await allow_long_statements(connection)
    await lock_rulebook(connection)
    held = await read_rates(connection, list(rate_ids))
    to_write = [
        RateToWrite(position, rate.id, rate.version, draft)
        for position, rate in enumerate(held.values())
        if (draft := content_of(ended(rate, change.at_us))) != content_of(rate)
    ]
    if not to_write:
        return
    written = await update_rates(connection, to_write, change.actor, from_micros(change.at_us))
    rows = await asyncio.to_thread(_audit_rows, held, written)
    await record_changes(connection, change, rows, object_kind="rate", told=EVENTS_OF_ACTIONS)


def _audit_rows(
    held: dict[UUID, RateRecord], written: dict[UUID, RateRecord]
) -> list[tuple[str, str, str | None, str | None]]:
    return [
        ("rate.end", str(rate_id), write_document(held[rate_id]).decode(), write_document(record).decode())
        for rate_id, record in written.items()
    ]
