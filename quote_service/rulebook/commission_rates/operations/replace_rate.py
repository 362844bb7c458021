"""An admin writes a commission rate again; what it was before stays in its history.

Source: docs/spec/commission.md#managing-rates.
"""

from uuid import UUID

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Invalid
from quote_service.platform.system.preconditions import Precondition
from quote_service.pricing.commission.rate import RateDraft
from quote_service.rulebook.commission_rates.model.rate_records import RateRecord, content_of, period_faults, started
from quote_service.rulebook.commission_rates.operations.create_rate import refuse_overlap
from quote_service.rulebook.commission_rates.tables.commission_rates import (
    RateToWrite,
    lock_rulebook,
    read_rate,
    update_rates,
)


async def replace_rate(change: Change, rate_id: UUID, draft: RateDraft, precondition: Precondition) -> RateRecord:
    """Write the next version of a rate; without a start it keeps the one it has.

    What means the same as the version there is makes no new one.

    Args:
        change: Its author.
        rate_id: Which.
        draft: The whole content, without faults of its own (`rate_faults`).
        precondition: The version that the author has seen.

    Raises:
        NotFound: There is no such rate.
        Stale: It has been changed since.
        Invalid: It would end before it starts.
        RateOverlaps: Another rate of the same scope and priority counts in this period.
    """
    held = await hold_rate(change.connection, rate_id, precondition)
    assert held.effective_from is not None
    draft = started(draft, held.effective_from)
    if faults := period_faults(draft):
        raise Invalid.because(faults)
    return await write_next_version(change, held, draft, "rate.replace")


async def hold_rate(connection: Connection, rate_id: UUID, precondition: Precondition) -> RateRecord:
    """The rate as it is, under the rulebook's lock, so that it stays so.

    Raises:
        NotFound, Stale: As `replace_rate`.
    """
    await lock_rulebook(connection)
    held = await read_rate(connection, rate_id)
    precondition.require(str(rate_id), held.version)
    return held


async def write_next_version(change: Change, held: RateRecord, draft: RateDraft, action: str) -> RateRecord:
    """Write what a held rate is from now on, unless it means what it meant.

    Raises:
        RateOverlaps: As `replace_rate`.
    """
    if draft == content_of(held):
        return held
    rate = RateToWrite(position=0, id=held.id, version=held.version, draft=draft)
    await refuse_overlap(change.connection, rate)
    record = (await update_rates(change.connection, [rate], change.actor, change.at))[held.id]
    await change.record(action, held, record)
    return record
