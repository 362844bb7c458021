"""Set stock, and let units come and go.

Source: docs/spec/inventory.md#changing-stock.
"""

from uuid import UUID

import msgspec
from msgspec import UNSET

from quote_service.platform.postgres.change import Change
from quote_service.platform.system.errors import Invalid
from quote_service.platform.system.preconditions import Precondition
from quote_service.shop.inventory.model.stock import UNITS_MAX, NotEnoughStock, StockAdjustment, StockDraft, StockRecord
from quote_service.shop.inventory.tables.stock import hold_stock, read_stock, update_quantity, update_stock

_SETTINGS = ("low_threshold", "high_threshold", "low_adjust_percent", "high_adjust_percent", "is_dynamic")


async def set_stock(change: Change, product_id: UUID, draft: StockDraft, precondition: Precondition) -> StockRecord:
    """Set the quantity, and what else the draft names.

    Args:
        change: Its author.
        product_id: Which product.
        draft: With percentages that can be some.
        precondition: The version of the stock that the author has seen.

    Raises:
        NotFound: There is no such product, or it has no such variant.
        Stale: The stock has been changed since.
        Invalid: `high_threshold` is not above `low_threshold`.
        NotEnoughStock: More units are reserved.
    """
    held = await hold_stock(change.connection, product_id, draft.variant_id)
    precondition.require(str(held.item_id), held.version)
    named = {name: getattr(draft, name) for name in _SETTINGS if getattr(draft, name) is not UNSET}
    wanted = msgspec.structs.replace(held, quantity=draft.quantity, **named)
    low, high = wanted.low_threshold, wanted.high_threshold
    if low is not None and high is not None and low >= high:
        raise Invalid.at("/high_threshold", "must be more than low_threshold")
    _require(held, draft.quantity)
    if held.version and wanted == held:
        return held
    await update_stock(change.connection, wanted, change.actor, draft.reason)
    return await _audited(change, "inventory.replace", held)


async def adjust_stock(change: Change, product_id: UUID, adjustment: StockAdjustment) -> StockRecord:
    """Let units come or go.

    Args:
        change: Its author.
        product_id: Which product.
        adjustment: With a delta that is not 0.

    Raises:
        NotFound: As `set_stock`.
        Invalid: There would be more units than can be counted.
        NotEnoughStock: Fewer units would be left than are reserved.
    """
    held = await hold_stock(change.connection, product_id, adjustment.variant_id)
    quantity = held.quantity + adjustment.delta
    if quantity > UNITS_MAX:
        raise Invalid.at("/delta", f"would make more than {UNITS_MAX} units")
    _require(held, quantity)
    await update_quantity(change.connection, held.item_id, quantity, change.actor, adjustment.reason)
    return await _audited(change, "inventory.adjust", held)


def _require(held: StockRecord, quantity: int) -> None:
    if quantity < held.reserved:
        raise NotEnoughStock(
            "There are fewer units than that" if quantity < 0 else "More units are reserved",
            quantity=held.quantity,
            reserved=held.reserved,
        )


async def _audited(change: Change, action: str, before: StockRecord) -> StockRecord:
    after = await read_stock(change.connection, before.product_id, before.variant_id)
    await change.record(action, before if before.version else None, after, object_id=after.item_id)
    return after
