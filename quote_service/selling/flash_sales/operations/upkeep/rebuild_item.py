"""Find out whether Redis still holds an item as PostgreSQL knows it, and build it again under a new epoch if not.

Nothing of the old epoch is admitted from the first step on; what it admitted before is recorded first, and then counts
like everything else. Only the primary is asked, under the lock of the item's row.

Source: docs/spec/flash-sales.md#repair.
"""

import logging

import structlog

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.crash_points import crash_point
from quote_service.selling.flash_sales.model.stock_item import StockItem
from quote_service.selling.flash_sales.operations.recording.record_held import record_held
from quote_service.selling.flash_sales.operations.recording.record_stream import drain
from quote_service.selling.flash_sales.operations.runtime.flash_meters import FlashMeters
from quote_service.selling.flash_sales.tables.kept_refusals import refusals_of_item
from quote_service.selling.flash_sales.tables.purchases import forget_due, known_reservations
from quote_service.selling.flash_sales.tables.stock import (
    close_limits,
    hold_item,
    note_opened,
    note_recovery,
    owned_units,
    read_item,
    set_epoch,
    try_repair_lock,
)
from quote_service.selling.flash_sales.tables.stream import ReservationStream
from quote_service.selling.flash_sales.tables.upkeep import RedisFigures, StockUpkeep

_log = structlog.get_logger(__name__)


def why_rebuild(item: StockItem, found: RedisFigures) -> str | None:
    """What is wrong with Redis's copy of an item; None where it can be left as it is.

    Args:
        item: Read from PostgreSQL before Redis was asked, so that Redis can only be further on.
        found: What Redis answered.
    """
    if found.epoch is None:
        return "not_loaded"
    if item.is_drifted:
        return "drifted"
    if found.epoch != item.epoch:
        return "another_epoch"
    if found.state == "recovering":
        return "left_half_built"
    if found.run_id != item.redis_run_id:
        return "another_server"
    if found.lost:
        return f"{found.lost}_lost"
    if found.number < item.high_number or found.last_id < (item.high_water_ms, item.high_water_seq):
        return "rolled_back"
    if found.revision > item.revision or (found.revision == item.revision and found.allocated != item.allocated):
        # A change that was rolled back in PostgreSQL, perhaps with its number used again by the next.
        return "another_content"
    return None


async def rebuild_item(
    database: Database,
    upkeep: StockUpkeep,
    stream: ReservationStream,
    item_id: int,
    meters: FlashMeters | None = None,
) -> str | None:
    """Build an item again if it needs it and nobody else is at it; why it was built, None where it was not.

    Raises:
        Unavailable: PostgreSQL or Redis gave no answer; the item stays closed until this is done again.
    """
    async with database.transaction() as connection:
        if not await try_repair_lock(connection, item_id):
            return None
        seen = await read_item(connection, item_id)
        if seen is None:
            return None
        found = await upkeep.figures(item_id)
        reason = why_rebuild(seen, found)
        if reason is None:
            return None
        epoch = max(seen.epoch, found.epoch or 0) + 1
        if await upkeep.fence(item_id, epoch) is not None:
            return None  # another was quicker; what is wrong then, the next look tells
        crash_point("after_fence")
        await drain(database, stream, item_id, meters)
        await record_held(database, upkeep, item_id, meters)
        crash_point("after_drain")
        await hold_item(connection, item_id)
        if not await set_epoch(connection, item_id, epoch):
            return None
        await forget_due(connection, item_id)
        item = await hold_item(connection, item_id)
        known = await known_reservations(connection, item_id)
        held = [one for one, status in known if status == "reserved"]
        stock = item.allocated - item.sold
        owned = await owned_units(connection, item_id)
        refused = await refusals_of_item(connection, item_id)
        crash_point("before_opening")
        opened = await upkeep.open(item, stock, held, (one for one, _ in known), owned, refused)
        if opened is None or not await note_opened(connection, item_id, epoch, opened.run_id, opened.last_id):
            return None
        crash_point("after_opening")
        await close_limits(connection, item_id, item.revision, epoch, 0)
        await note_recovery(connection, item_id, epoch, reason, found.stock if found.epoch else None, stock)
    if meters is not None:
        meters.rebuilt(reason)
    # Each item is built once for the first time, and nobody has to look into that.
    level = logging.INFO if reason == "not_loaded" else logging.WARNING
    _log.log(level, "flash_sale_item_rebuilt", item_id=item_id, epoch=epoch, reason=reason, stock=stock)
    return reason
