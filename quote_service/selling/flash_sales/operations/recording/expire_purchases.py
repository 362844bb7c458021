"""Let holds that are over expire: PostgreSQL decides, and the winner of that decision alone gives the units back.

Source: docs/spec/flash-sales.md#holds.
"""

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.crash_points import crash_point
from quote_service.selling.flash_sales.tables.purchases import expire_reserved, expired_purchases, insert_giving_back
from quote_service.selling.flash_sales.tables.stock import give_back_units, hold_item

_AT_ONCE = 200


async def expire_purchases(database: Database) -> int:
    """Expire what is overdue; how many purchases that were.

    Raises:
        Unavailable: PostgreSQL gave no answer; the rest expires later.
    """
    async with database.read() as connection:
        overdue = await expired_purchases(connection, _AT_ONCE)
    expired = 0
    for purchase_id, item_id in overdue:
        async with database.transaction() as connection:
            # The item before the purchase, as everybody takes them: so nobody waits in a circle.
            await hold_item(connection, item_id)
            won = await expire_reserved(connection, purchase_id)
            if won is not None:
                customer_id, units = won
                await give_back_units(connection, item_id, customer_id, units)
                await insert_giving_back(connection, purchase_id, item_id, units)
                expired += 1
                crash_point("before_expiry")
        if won is not None:
            crash_point("after_expiry")
    return expired
