"""Keep Redis and PostgreSQL of one mind about every item on sale: build it, follow its changes, tell what was decided.

Source: docs/spec/flash-sales.md#holds; docs/spec/flash-sales.md#repair.
"""

from uuid import UUID

import structlog

from quote_service.platform.system.errors import Unavailable
from quote_service.selling.flash_sales.model.stock_item import StockItem
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import FlashSaleRuntime
from quote_service.selling.flash_sales.operations.upkeep.check_balance import is_unbalanced
from quote_service.selling.flash_sales.operations.upkeep.rebuild_item import rebuild_item, why_rebuild
from quote_service.selling.flash_sales.tables.stock import close_limits, items_of_sale, note_drift, note_retired

_log = structlog.get_logger(__name__)
_KEPT_AFTER_SALE_MS = 24 * 3600 * 1000


async def maintain_items(runtime: FlashSaleRuntime) -> Unavailable | None:
    """Look at every cached item; a server that gives no answer is asked once, and keeps no other's items waiting.

    Returns:
        Why some could not be looked at; None where all were.
    """
    away: dict[str, Unavailable] = {}
    # After a loss everything is built again: what is on sale before what is over and only answers for what was bought.
    for item in sorted(runtime.item_cache.items, key=lambda item: item.state != "active"):
        lane = runtime.upkeep.lane_of(item.id)
        if lane not in away:
            try:
                await maintain_item(runtime, item)
            except Unavailable as failure:
                away[lane] = failure
    return next(iter(away.values()), None)


async def maintain_item(runtime: FlashSaleRuntime, item: StockItem) -> None:
    """Look at one item, and do what it needs.

    Args:
        runtime: Of this process.
        item: Read from PostgreSQL just now.

    Raises:
        Unavailable: PostgreSQL or Redis gave no answer.
    """
    found = await runtime.upkeep.figures(item.id)
    if why_rebuild(item, found) is not None:
        await rebuild_item(runtime.database, runtime.upkeep, runtime.stream, item.id, runtime.meters)
        return
    is_wrong = await is_unbalanced(runtime.database, runtime.upkeep, item, found)
    if is_wrong:
        _log.error("flash_sale_item_unbalanced", item_id=item.id, stock=found.stock, allocated=found.allocated)
    if is_wrong or (found.revision < item.revision and await runtime.upkeep.sync(item) == "TOO_LOW"):
        # Units that nobody knows of, or fewer than are taken: only PostgreSQL knows which of them count.
        async with runtime.database.transaction() as connection:
            await note_drift(connection, item.id)
        await rebuild_item(runtime.database, runtime.upkeep, runtime.stream, item.id, runtime.meters)
    if item.is_limit_open:
        await _close_limits(runtime, item)
    if item.state in ("ended", "cancelled") and not found.waiting and not found.held:
        await runtime.upkeep.retire(item.id, _KEPT_AFTER_SALE_MS)
        if not item.is_retired:
            async with runtime.database.transaction() as connection:
                await note_retired(connection, item.id)


async def _close_limits(runtime: FlashSaleRuntime, item: StockItem) -> None:
    """Once Redis holds a lowered limit, what it has admitted so far is all that the former one can have admitted."""
    found = await runtime.upkeep.figures(item.id)
    if found.epoch == item.epoch and found.state != "recovering":
        async with runtime.database.transaction() as connection:
            await close_limits(connection, item.id, found.revision, found.epoch, found.number)


async def follow_sale(runtime: FlashSaleRuntime, sale_id: UUID) -> bool:
    """Bring a sale that was just changed to Redis at once; False where that is left to the maintenance loop."""
    try:
        async with runtime.database.read() as connection:
            items = await items_of_sale(connection, sale_id)
        for item in items:
            if item.state == "active" or item.epoch > 0:
                await maintain_item(runtime, item)
        await runtime.item_cache.refresh()
    except Unavailable:
        return False
    return True
