"""Find a purchase wherever it is: recorded, or still on its way.

Source: docs/spec/flash-sales.md#finding-a-purchase.
"""

from uuid import UUID

from quote_service.platform.system.errors import NotFound, Unavailable
from quote_service.selling.flash_sales.model.purchase import Purchase, shown_purchase
from quote_service.selling.flash_sales.model.reservation import Reservation, item_of_purchase
from quote_service.selling.flash_sales.model.stock_item import StockItem
from quote_service.selling.flash_sales.operations.buying.buy import shown_reservation
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import FlashSaleRuntime
from quote_service.selling.flash_sales.tables.purchases import read_purchase, read_purchase_by_key


async def find_purchase(runtime: FlashSaleRuntime, purchase_id: UUID) -> Purchase:
    """A purchase by its id.

    Raises:
        NotFound: There is none, recorded or on its way.
        Unavailable: It is not recorded, and Redis cannot be asked; or PostgreSQL cannot, and Redis does not know it.
    """
    kept, away = await _recorded(runtime, purchase_id)
    if kept is not None:
        return kept
    item = await runtime.item_cache.find_by_id(item_of_purchase(purchase_id))
    if item is None:
        raise NotFound("There is no such purchase")
    on_its_way = await runtime.gate.find(item.id, purchase_id)
    if on_its_way is not None:
        return shown_reservation(item, on_its_way)
    if away is not None:
        raise away
    # It may have been recorded, and so have left Redis, between the two questions.
    kept, away = await _recorded(runtime, purchase_id)
    if kept is None:
        raise away or NotFound("There is no such purchase")
    return kept


async def find_purchase_by_key(
    runtime: FlashSaleRuntime, customer_id: UUID, key: str, sale_id: UUID | None
) -> Purchase:
    """The purchase that a customer made under a key, the latest where no sale is named and several have one.

    Raises:
        NotFound: There is none, recorded or on its way.
        Unavailable: As above.
    """
    latest: Purchase | None = None
    away: Unavailable | None = None
    try:
        async with runtime.database.read() as connection:
            kept = await read_purchase_by_key(connection, customer_id, key, sale_id)
        latest = None if kept is None else shown_purchase(kept)
    except Unavailable as failure:
        away = failure
    if latest is not None and sale_id is not None:
        return latest
    try:
        for item in runtime.item_cache.items:
            if sale_id in (None, item.sale_id) and (latest is None or item.sale_id != latest.flash_sale_id):
                found = await runtime.gate.find_by_key(item.id, customer_id, key)
                shown = None if found is None else await _as_it_is(runtime, item, found)
                if shown is not None and (latest is None or shown.reserved_at > latest.reserved_at):
                    latest = shown
    except Unavailable as failure:
        # What is only there cannot be distinguished from what is nowhere; what is recorded is true all the same.
        away = away or failure
    if latest is None:
        raise away or NotFound("There is no such purchase")
    return latest


async def _as_it_is(runtime: FlashSaleRuntime, item: StockItem, found: Reservation) -> Purchase | None:
    """A reservation as it is recorded by now, or on its way; None where it is neither."""
    kept, _ = await _recorded(runtime, found.id)
    if kept is not None:
        return kept
    if await runtime.gate.find(item.id, found.id) is not None:
        return shown_reservation(item, found)
    # It is recorded before it leaves Redis, so now it can be found if it is there.
    kept, away = await _recorded(runtime, found.id)
    if away is not None:
        raise away
    return kept


async def _recorded(runtime: FlashSaleRuntime, purchase_id: UUID) -> tuple[Purchase | None, Unavailable | None]:
    try:
        async with runtime.database.read() as connection:
            kept = await read_purchase(connection, purchase_id)
    except Unavailable as failure:
        return None, failure
    return (None if kept is None else shown_purchase(kept)), None
