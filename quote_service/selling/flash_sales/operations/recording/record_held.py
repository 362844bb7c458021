"""Record reservations that Redis holds and its stream no longer tells of: the stream was lost, and they were not.

Source: docs/spec/flash-sales.md#repair.
"""

from itertools import islice

from quote_service.platform.postgres.pool import Database
from quote_service.selling.flash_sales.model.reservation import NotAReservation, Reservation, read_reservation
from quote_service.selling.flash_sales.operations.recording.record_purchases import record_purchases
from quote_service.selling.flash_sales.operations.recording.record_stream import add_dead_letters
from quote_service.selling.flash_sales.operations.runtime.flash_meters import FlashMeters
from quote_service.selling.flash_sales.tables.purchases import outcomes_of
from quote_service.selling.flash_sales.tables.upkeep import StockUpkeep

_AT_ONCE = 500
_ENTRY = "held"  # what stands in place of an entry's id in a dead letter


async def record_held(database: Database, upkeep: StockUpkeep, item_id: int, meters: FlashMeters | None = None) -> None:
    """Record what is held and not recorded, of an item that is fenced and whose stream is drained.

    Raises:
        Unavailable: PostgreSQL or Redis gave no answer.
    """
    ids = iter(await upkeep.held_ids(item_id))
    while batch := list(islice(ids, _AT_ONCE)):
        async with database.read() as connection:
            recorded = await outcomes_of(connection, batch)
        unknown = [one for one in batch if one not in recorded]
        if not unknown:
            continue
        reservations, letters = _read(item_id, await upkeep.held_texts(item_id, unknown))
        if letters:
            await add_dead_letters(database, item_id, letters)
        # In the order in which they were made, as the stream would have told them.
        reservations.sort(key=lambda one: (one.epoch, one.number))
        async with database.transaction() as connection:
            done = await record_purchases(connection, item_id, reservations)
        if meters is not None:
            meters.recorded.add(len(reservations))
            meters.rejected.add(done.rejected)
            meters.dead_letters.add(len(letters))


def _read(item_id: int, texts: list[str]) -> tuple[list[Reservation], list[tuple[str, str, str]]]:
    reservations, letters = [], []
    for text in texts:
        try:
            reservation = read_reservation(text)
            if reservation.item_id != item_id:
                raise NotAReservation("it is of another item")
            reservations.append(reservation)
        except NotAReservation as unreadable:
            letters.append((_ENTRY, text, str(unreadable)))
    return reservations, letters
