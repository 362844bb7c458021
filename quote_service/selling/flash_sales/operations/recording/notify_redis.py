"""Tell Redis what PostgreSQL has decided: reservations that are settled, and those whose units are free again.

What Redis does not know yet stands in the purchase's own row since the decision, so that no death in between loses it; told
twice it changes nothing.

Source: docs/spec/flash-sales.md#holds.
"""

from uuid import UUID

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.crash_points import crash_point
from quote_service.platform.system.errors import Unavailable
from quote_service.selling.flash_sales.tables.purchases import RedisDue, due_in_redis, mark_notified
from quote_service.selling.flash_sales.tables.upkeep import StockUpkeep

_AT_ONCE = 500


async def notify_redis(database: Database, upkeep: StockUpkeep) -> int:
    """Notify Redis of all that is due; returns how many purchases. An unavailable server delays no other.

    Raises:
        Unavailable: PostgreSQL gave no answer, or a Redis did not; what could not be sent stays due.
    """
    async with database.read() as connection:
        due = await due_in_redis(connection, _AT_ONCE)
    groups: dict[tuple[int, RedisDue], list[UUID]] = {}
    for item_id, purchase_id, what in due:
        groups.setdefault((item_id, what), []).append(purchase_id)
    away: dict[str, Unavailable] = {}
    for (item_id, what), ids in groups.items():
        lane = upkeep.lane_of(item_id)
        if lane not in away:
            try:
                await notify_redis_of(database, upkeep, item_id, ids, what)
            except Unavailable as failure:
                away[lane] = failure
    for first in away.values():
        raise first
    return len(due)


async def notify_redis_of(
    database: Database, upkeep: StockUpkeep, item_id: int, ids: list[UUID], what: RedisDue
) -> None:
    """Notify Redis of some purchases of an item, and record that it was.

    Raises:
        Unavailable: As above.
    """
    if what == "settle":
        await upkeep.settle(item_id, ids)
    else:
        await upkeep.release(item_id, ids)
    crash_point("after_notifying_redis")
    async with database.transaction() as connection:
        await mark_notified(connection, ids, what)


async def notify_redis_at_once(
    database: Database, upkeep: StockUpkeep, item_id: int, ids: list[UUID], what: RedisDue
) -> bool:
    """As `notify_redis_of`, where it does not matter if it is done a little later by the loop; whether it is done."""
    try:
        await notify_redis_of(database, upkeep, item_id, ids, what)
    except Unavailable:
        return False
    return True
