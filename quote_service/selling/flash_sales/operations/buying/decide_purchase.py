"""A buyer confirms a purchase that is held, or gives it up: PostgreSQL decides, once, and then Redis is told.

A purchase that is still on its way is recorded first, here and now: nobody waits for a worker.

Source: docs/spec/flash-sales.md#holds.
"""

from uuid import UUID

from quote_service.platform.system.clock import now_us
from quote_service.platform.system.crash_points import crash_point
from quote_service.platform.system.errors import NotFound
from quote_service.selling.flash_sales.model.errors import PurchaseDecided
from quote_service.selling.flash_sales.model.purchase import Purchase, RecordedPurchase, shown_purchase
from quote_service.selling.flash_sales.model.reservation import item_of_purchase
from quote_service.selling.flash_sales.operations.recording.notify_redis import notify_redis_at_once
from quote_service.selling.flash_sales.operations.recording.record_purchases import record_purchases
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import FlashSaleRuntime
from quote_service.selling.flash_sales.tables.purchases import (
    cancel_reserved,
    confirm_reserved,
    insert_giving_back,
    read_purchase,
)
from quote_service.selling.flash_sales.tables.stock import give_back_units, hold_item
from quote_service.selling.orders.model.flash_sale_purchase import ConfirmedPurchase
from quote_service.selling.orders.operations.place_flash_sale_orders import place_flash_sale_orders


async def confirm_purchase(runtime: FlashSaleRuntime, purchase_id: UUID) -> Purchase:
    """Confirm; what is confirmed already stays so.

    Raises:
        PurchaseDecided: It was rejected, cancelled or has expired.
        NotFound, Unavailable: As `find_purchase`.
    """
    kept = await _recorded(runtime, purchase_id)
    async with runtime.database.transaction() as connection:
        await hold_item(connection, kept.item_id)
        is_won = await confirm_reserved(connection, purchase_id)
        if is_won:
            await place_flash_sale_orders(connection, [_confirmed(kept)], now_us())
        now = await read_purchase(connection, purchase_id)
        crash_point("before_decision")
    crash_point("after_decision")
    assert now is not None
    if is_won:
        await notify_redis_at_once(runtime.database, runtime.upkeep, kept.item_id, [purchase_id], "settle")
    elif now.status != "confirmed":
        reported = "its reservation has expired" if now.status == "reserved" else f"it is {now.status}"
        raise PurchaseDecided(f"This purchase cannot be confirmed: {reported}", purchase_status=now.status)
    return shown_purchase(now)


async def cancel_purchase(runtime: FlashSaleRuntime, purchase_id: UUID) -> Purchase:
    """Give a held purchase up; what is cancelled already stays so.

    Raises:
        PurchaseDecided: It was confirmed or rejected, or has expired.
        NotFound, Unavailable: As `find_purchase`.
    """
    kept = await _recorded(runtime, purchase_id)
    async with runtime.database.transaction() as connection:
        await hold_item(connection, kept.item_id)
        is_won = await cancel_reserved(connection, purchase_id)
        if is_won:
            await give_back_units(connection, kept.item_id, kept.customer_id, kept.quantity)
            await insert_giving_back(connection, purchase_id, kept.item_id, kept.quantity)
        now = await read_purchase(connection, purchase_id)
        crash_point("before_decision")
    crash_point("after_decision")
    assert now is not None
    if is_won:
        await notify_redis_at_once(runtime.database, runtime.upkeep, kept.item_id, [purchase_id], "release")
    elif now.status != "cancelled":
        raise PurchaseDecided(f"This purchase cannot be cancelled: it is {now.status}", purchase_status=now.status)
    return shown_purchase(now)


def _confirmed(kept: RecordedPurchase) -> ConfirmedPurchase:
    return ConfirmedPurchase(
        kept.id, kept.product_id, kept.customer_id, kept.quantity, kept.unit_price_minor, kept.currency
    )


async def _recorded(runtime: FlashSaleRuntime, purchase_id: UUID) -> RecordedPurchase:
    async with runtime.database.read() as connection:
        kept = await read_purchase(connection, purchase_id)
    if kept is not None:
        return kept
    item_id = item_of_purchase(purchase_id)
    if await runtime.item_cache.find_by_id(item_id) is None:
        raise NotFound("There is no such purchase")
    reservation = await runtime.gate.find(item_id, purchase_id)
    async with runtime.database.transaction() as connection:
        recorded = None
        if reservation is not None:
            recorded = await record_purchases(connection, item_id, [reservation])
        kept = await read_purchase(connection, purchase_id)
    if recorded is not None:
        runtime.meters.rejected.add(recorded.rejected)
    if kept is None:
        raise NotFound("There is no such purchase")
    return kept
