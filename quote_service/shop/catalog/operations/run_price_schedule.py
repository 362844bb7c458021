"""Do scheduled price changes when their time has come; any number of workers may try, one does each.

Source: docs/spec/catalog.md#scheduled-changes.
"""

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.traces import traced_work
from quote_service.shop.catalog.model.price_changes import PriceChange
from quote_service.shop.catalog.model.prices import held_to
from quote_service.shop.catalog.operations.change_price import audit_change
from quote_service.shop.catalog.tables.price_changes import (
    MovedPrice,
    PricePlace,
    decide_change,
    move_prices,
    next_due_change,
    read_bounds,
    read_change,
    seconds_to_next_change,
)
from quote_service.shop.catalog.tables.products import lock_products, set_change_reason


@traced_work("change price")
async def do_next_change(database: Database) -> PriceChange | None:
    """Do the change that is due first, in one transaction with its price, history and audit row; None if none is."""
    async with database.transaction() as connection:
        due = await next_due_change(connection)
        if due is None:
            return None
        # Behind the change, whose row nobody else waits for: a cancellation takes that row alone.
        await lock_products(connection, [due.product_id])
        place = PricePlace(due.product_id, due.variant_id, due.currency)
        (bounds,) = await read_bounds(connection, [place])
        if isinstance(bounds, str):
            await decide_change(connection, due.id, "failed")
        else:
            price = held_to(due.price, bounds.lowest, bounds.highest)
            await set_change_reason(connection, "schedule", due.created_by, note=due.reason_note or "")
            await move_prices(connection, [MovedPrice(place.item_id, due.currency, price, str(due.id))])
            await decide_change(connection, due.id, "done", price)
        done = await read_change(connection, due.product_id, due.id)
        change = change_by_system("price schedule", now_us())
        await audit_change(
            Change.within(connection, change), f"price.{'change' if done.status == 'done' else 'fail'}", due, done
        )
        return done


async def seconds_until_change(database: Database) -> float | None:
    """How long until the next scheduled change; None where none waits."""
    async with database.read() as connection:
        return await seconds_to_next_change(connection)
