"""Move a stream entry that could not be recorded, though it was tried again and again, to the dead letters.

Its purchase becomes a late refusal with a reason, so that who asks for it is told; unless it is recorded already, and only
Redis has not heard of that.

Source: docs/spec/flash-sales.md#recording.
"""

import structlog

from quote_service.platform.postgres.pool import Database
from quote_service.selling.flash_sales.model.reservation import NotAReservation, Reservation, read_reservation
from quote_service.selling.flash_sales.operations.runtime.flash_meters import FlashMeters
from quote_service.selling.flash_sales.tables.purchases import ToRecord, insert_purchases, outcomes_of
from quote_service.selling.flash_sales.tables.stock import hold_item, keep_dead_letters
from quote_service.selling.flash_sales.tables.stream import ReservationStream, StreamEntry

_log = structlog.get_logger(__name__)


async def dead_letter_entry(
    database: Database,
    stream: ReservationStream,
    item_id: int,
    entry: StreamEntry,
    reason: str,
    meters: FlashMeters,
) -> None:
    """Keep an entry as a dead letter, refuse its purchase, and give its units back.

    Raises:
        Unavailable: PostgreSQL or Redis gave no answer; the entry stays, and comes again.
    """
    reservation = _readable(item_id, entry)
    async with database.transaction() as connection:
        item = await hold_item(connection, item_id)
        outcome = None
        if reservation is not None:
            outcome = (await outcomes_of(connection, [reservation.id])).get(reservation.id)
        is_dead_letter = outcome is None
        if is_dead_letter:
            await keep_dead_letters(connection, item_id, [(entry.id, entry.text, reason)])
            if reservation is not None:
                refused = ToRecord(reservation, "rejected", "could_not_be_recorded")
                if not await insert_purchases(connection, item, [refused], "redis"):
                    await insert_purchases(connection, item, [refused._replace(has_key=False)], "redis")
    status = outcome.status if outcome else "rejected"
    ids = [] if reservation is None else [reservation.id]
    settled = ids if status == "confirmed" else []
    released = ids if status not in ("confirmed", "reserved") else []
    await stream.finish(item_id, [entry.id], settled, released)
    if is_dead_letter:
        meters.dead_letters.add()
        _log.error("flash_sale_dead_letters", item_id=item_id, reasons=[reason])


def _readable(item_id: int, entry: StreamEntry) -> Reservation | None:
    try:
        reservation = read_reservation(entry.text)
    except NotAReservation:
        return None
    return reservation if reservation.item_id == item_id else None
