"""An admin makes a commission rate.

Source: docs/spec/commission.md#managing-rates.
"""

from uuid import UUID

from quote_service.platform.documents.documents import write_document
from quote_service.platform.postgres.audit_log import record_change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.changes import Change
from quote_service.platform.system.errors import Invalid, RateOverlaps
from quote_service.platform.system.instants import from_micros
from quote_service.pricing.commission.rate import RateDraft
from quote_service.rulebook.commission_rates.model.rate_records import RateRecord, period_faults, started
from quote_service.rulebook.commission_rates.tables.commission_rates import (
    RateToWrite,
    find_overlaps,
    insert_rates,
    lock_rulebook,
)


async def create_rate(connection: Connection, change: Change, rate_id: UUID, draft: RateDraft) -> RateRecord:
    """Write version 1 of a rate; without a start it counts from the instant of the change.

    Args:
        connection: Inside a transaction.
        change: Its author.
        rate_id: A new one.
        draft: Without faults of its own (`rate_faults`).

    Raises:
        Invalid: It would end before it starts.
        RateOverlaps: A rate of the same scope and priority counts in this period.
    """
    draft = started(draft, from_micros(change.at_us))
    if faults := period_faults(draft):
        raise Invalid.because(faults)
    rate = RateToWrite(position=0, id=rate_id, version=0, draft=draft)
    await lock_rulebook(connection)
    await refuse_overlap(connection, rate)
    record = (await insert_rates(connection, [rate], change.actor, from_micros(change.at_us)))[rate.id]
    await record_change(
        connection,
        change,
        action="rate.create",
        object_kind="rate",
        object_id=str(rate.id),
        before=None,
        after=write_document(record),
        told="rate.created",
    )
    return record


async def refuse_overlap(connection: Connection, rate: RateToWrite) -> None:
    """Hold a rate against what is stored, under the rulebook's lock.

    Raises:
        RateOverlaps: Which of two equal rates wins would be chance.
    """
    for _, other in await find_overlaps(connection, [rate], [rate.id]):
        raise RateOverlaps(
            f"The rate {other} has the same dimensions, region, currency and priority and counts in this period too",
            rate_id=str(other),
        )
