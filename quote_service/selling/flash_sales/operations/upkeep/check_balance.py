"""Look now and then whether an item adds up: what Redis has left, and what PostgreSQL has sold and holds.

Nothing that is noticed otherwise (a flush, a failover, a restart) leaves it unbalanced; a hand that wrote to its keys does.

Source: docs/spec/flash-sales.md#repair; docs/spec/flash-sales.md#invariants.
"""

from quote_service.platform.postgres.pool import Database
from quote_service.selling.flash_sales.model.stock_item import StockItem
from quote_service.selling.flash_sales.tables.purchases import is_all_notified
from quote_service.selling.flash_sales.tables.stock import read_item
from quote_service.selling.flash_sales.tables.upkeep import RedisFigures, StockUpkeep


async def is_unbalanced(database: Database, upkeep: StockUpkeep, item: StockItem, found: RedisFigures) -> bool:
    """Whether units are missing or left over, though nothing is under way that would explain it.

    Redis is asked before and after PostgreSQL. If nothing moved there meanwhile, and nothing waits to be recorded or to be
    told, then both speak of the same units.

    Args:
        database: Asked where something seems to be wrong.
        upkeep: Asked again likewise.
        item: Read from PostgreSQL before Redis was asked.
        found: What Redis answered; the item is loaded and is not to be built again for another reason.

    Raises:
        Unavailable: PostgreSQL or Redis gave no answer.
    """
    if found.waiting or found.stock + item.sold == found.allocated:
        return False
    async with database.snapshot() as connection:
        now = await read_item(connection, item.id)
        if now is None or not await is_all_notified(connection, item.id):
            return False
    if now.is_drifted or (now.epoch, now.revision, now.allocated) != (found.epoch, found.revision, found.allocated):
        return False
    return found.stock + now.sold != now.allocated and await upkeep.figures(item.id) == found
