"""Take entries of an item's stream into PostgreSQL, and only then out of the stream.

Source: docs/spec/flash-sales.md#recording.
"""

from collections.abc import Sequence

import structlog

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.platform.system.crash_points import crash_point
from quote_service.platform.system.errors import QuoteServiceError, Unavailable
from quote_service.selling.flash_sales.model.reservation import NotAReservation, Reservation, read_reservation
from quote_service.selling.flash_sales.operations.recording.record_purchases import Recorded, record_purchases
from quote_service.selling.flash_sales.operations.runtime.flash_meters import FlashMeters
from quote_service.selling.flash_sales.tables.stock import keep_dead_letters, raise_high_water
from quote_service.selling.flash_sales.tables.stream import ReservationStream, StreamEntry

_log = structlog.get_logger(__name__)


async def record_entries(
    database: Database,
    stream: ReservationStream,
    item_id: int,
    entries: Sequence[StreamEntry],
    meters: FlashMeters | None = None,
) -> int:
    """Record entries in one transaction, then acknowledge and delete them; how many purchases were rejected.

    What cannot be recorded whatever happens is kept as a dead letter, and its units are given back.

    Raises:
        Unavailable: PostgreSQL or Redis gave no answer; the entries come again, and nothing is recorded twice.
    """
    if not entries:
        return 0
    crash_point("after_read")
    reservations, dead = _read(item_id, entries)
    try:
        recorded = await _record(database, item_id, entries, reservations, dead)
    except Unavailable:
        raise
    except QuoteServiceError as refused:
        if len(entries) > 1:  # one of them spoils it for all
            return sum([await record_entries(database, stream, item_id, [entry], meters) for entry in entries])
        dead = [(entries[0].id, entries[0].text, refused.detail)]
        recorded = Recorded([], [], [one.id for one in reservations], 0)
        await add_dead_letters(database, item_id, dead)
    crash_point("after_commit")
    await stream.finish(item_id, [entry.id for entry in entries], recorded.settled, recorded.released)
    crash_point("after_ack")
    if meters is not None:
        meters.recorded.add(len(entries))
        meters.rejected.add(recorded.rejected)
        meters.dead_letters.add(len(dead))
    if recorded.rejected:
        _log.error("flash_sale_purchases_rejected", item_id=item_id, purchases=recorded.rejected)
    return recorded.rejected


async def drain(database: Database, stream: ReservationStream, item_id: int, meters: FlashMeters | None = None) -> None:
    """Record everything that stands in a stream, whoever has read it.

    Raises:
        Unavailable: As `record_entries`.
    """
    while entries := await stream.everything(item_id):
        end_if_cancelled()
        await record_entries(database, stream, item_id, entries, meters)


async def add_dead_letters(database: Database, item_id: int, letters: Sequence[tuple[str, str, str]]) -> None:
    """Keep what cannot be recorded: entry id, text, reason."""
    _log.error("flash_sale_dead_letters", item_id=item_id, reasons=[reason for _, _, reason in letters])
    async with database.transaction() as connection:
        await keep_dead_letters(connection, item_id, letters)


async def _record(
    database: Database,
    item_id: int,
    entries: Sequence[StreamEntry],
    reservations: Sequence[Reservation],
    dead: Sequence[tuple[str, str, str]],
) -> Recorded:
    async with database.transaction() as connection:
        if dead:
            await keep_dead_letters(connection, item_id, dead)
        recorded = await record_purchases(connection, item_id, reservations)
        await raise_high_water(connection, item_id, max(entry.position for entry in entries))
        crash_point("before_commit")
        return recorded


def _read(item_id: int, entries: Sequence[StreamEntry]) -> tuple[list[Reservation], list[tuple[str, str, str]]]:
    reservations, dead = [], []
    for entry in entries:
        try:
            reservation = read_reservation(entry.text)
            if reservation.item_id != item_id:
                raise NotAReservation("it is of another item")
            reservations.append(reservation)
        except NotAReservation as unreadable:
            if entry.text:  # an empty one was recorded and deleted; only its acknowledgement is left to do
                dead.append((entry.id, entry.text, str(unreadable)))
    return reservations, dead
