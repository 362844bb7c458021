"""An admin makes a commission rate.

Source: docs/spec/commission.md#managing-rates.
"""

from uuid import UUID

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Invalid, RateOverlaps
from quote_service.pricing.commission.rate import RateDraft
from quote_service.rulebook.commission_rates.model.rate_records import RateRecord, period_faults, started
from quote_service.rulebook.commission_rates.tables.commission_rates import (
    RateToWrite,
    find_overlaps,
    insert_rates,
    lock_rulebook,
)


async def create_rate(change: Change, rate_id: UUID, draft: RateDraft) -> RateRecord:
    """Write version 1 of a rate; without a start it counts from the instant of the change.

    Args:
        change: Its author.
        rate_id: A new one.
        draft: Without faults of its own (`rate_faults`).

    Raises:
        Invalid: It would end before it starts.
        RateOverlaps: A rate of the same scope and priority counts in this period.
    """
    draft = started(draft, change.at)
    if faults := period_faults(draft):
        raise Invalid.because(faults)
    rate = RateToWrite(position=0, id=rate_id, version=0, draft=draft)
    await lock_rulebook(change.connection)
    await refuse_overlap(change.connection, rate)
    record = (await insert_rates(change.connection, [rate], change.actor, change.at))[rate.id]
    await change.record("rate.create", None, record)
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
