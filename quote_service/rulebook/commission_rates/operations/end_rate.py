"""An admin ends a commission rate, or a change set many.

Source: docs/spec/commission.md#managing-rates.
"""

from collections.abc import Collection
from uuid import UUID

from quote_service.platform.postgres.change import Change
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


async def end_rate(change: Change, rate_id: UUID, precondition: Precondition) -> RateRecord:
    """End a rate at the instant of the change; one that has not begun is switched off, one that has ended stays.

    Args:
        change: Its author.
        rate_id: Which.
        precondition: The version that the author has seen.

    Raises:
        NotFound: There is no such rate.
        Stale: It has been changed since.
    """
    held = await hold_rate(change.connection, rate_id, precondition)
    return await write_next_version(change, held, content_of(ended(held, change.at_us)), "rate.end")


async def end_rates(change: Change, rate_ids: Collection[UUID]) -> None:
    """End rates that there are, as `end_rate` each, in a few statements: a period that only becomes shorter overlaps no other.

    Args:
        change: Its author.
        rate_ids: Which.
    """
    if not rate_ids:
        return
    await allow_long_statements(change.connection)
    await lock_rulebook(change.connection)
    held = await read_rates(change.connection, list(rate_ids))
    to_write = [
        RateToWrite(position, rate.id, rate.version, draft)
        for position, rate in enumerate(held.values())
        if (draft := content_of(ended(rate, change.at_us))) != content_of(rate)
    ]
    if not to_write:
        return
    written = await update_rates(change.connection, to_write, change.actor, change.at)
    await change.record_many([("rate.end", held[rate_id], record) for rate_id, record in written.items()])
