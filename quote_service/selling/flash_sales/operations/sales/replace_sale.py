"""An admin writes a flash sale again: all of it before it begins; price, stock, limits and end while it is active.

Fewer units are taken out of Redis before they are gone from PostgreSQL, more are put there after they are in it: so at
no instant does Redis hand out units that there are not.

Source: docs/spec/flash-sales.md#changing-a-sale.
"""

from uuid import UUID

import msgspec
from msgspec import UNSET

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Invalid, Unavailable
from quote_service.platform.system.preconditions import Precondition
from quote_service.selling.flash_sales.model.errors import SaleStateForbids, StockBelowSold
from quote_service.selling.flash_sales.model.sale import SaleDraft, SaleRecord
from quote_service.selling.flash_sales.operations.sales.create_sale import refuse_clash
from quote_service.selling.flash_sales.operations.sales.price_bounds import refuse_below_minimum
from quote_service.selling.flash_sales.tables.sales import (
    HeldItem,
    HeldSale,
    database_now,
    hold_items,
    hold_sale,
    insert_items,
    read_sale,
    remove_items,
    update_item,
    update_sale,
)
from quote_service.selling.flash_sales.tables.stock import note_drift, read_item
from quote_service.selling.flash_sales.tables.upkeep import StockUpkeep


async def replace_sale(
    upkeep: StockUpkeep,
    change: Change,
    sale_id: UUID,
    draft: SaleDraft,
    precondition: Precondition,
) -> SaleRecord:
    """Write what a sale is from now on.

    Args:
        upkeep: Of the Redis that holds stock.
        change: Its author.
        sale_id: Which.
        draft: The whole content, without faults of its own (`sale_faults`).
        precondition: The version that the author has seen.

    Raises:
        NotFound: There is no such sale.
        Stale: It has been changed since.
        SaleStateForbids: It is over; or it is active, and its start, products or currencies would change.
        StockBelowSold: More is held or sold than it would have.
        SaleOverlaps: Another open sale has one of its products in its period.
        Invalid: It would be over already, or a price that it did not have is below the `min_price` that it respects.
    """
    held = await hold_sale(change.connection, sale_id)
    precondition.require(str(sale_id), held.record.version)
    if held.record.state not in ("scheduled", "active"):
        raise SaleStateForbids(f"This flash sale is {held.record.state}: it no longer changes")
    now = await database_now(change.connection)
    if draft.ends_at <= now:
        raise Invalid.at("/ends_at", "is in the past; end the sale instead")
    await refuse_clash(change.connection, sale_id, draft)
    written: SaleRecord = msgspec.structs.replace(
        held.record,
        name=draft.name,
        starts_at=draft.starts_at,
        ends_at=draft.ends_at,
        hold_seconds=draft.hold_seconds,
        respects_min_price=(
            held.record.respects_min_price if draft.respects_min_price is UNSET else draft.respects_min_price
        ),
    )
    if written.respects_min_price:
        await refuse_below_minimum(change.connection, draft, held.record)
    if held.record.state == "scheduled":
        await remove_items(change.connection, sale_id)
        await update_sale(change.connection, written, is_started_by_hand=False, author=change.actor, at=now)
        await insert_items(change.connection, sale_id, draft)
    else:
        _refuse_what_stays(held, draft)
        items = await hold_items(change.connection, sale_id)
        await update_sale(
            change.connection, written, is_started_by_hand=held.is_started_by_hand, author=change.actor, at=now
        )
        for item in items:
            await _write_item(change.connection, upkeep, item, draft)
    record = await read_sale(change.connection, sale_id)
    await change.record("flash_sale.replace", held.record, record)
    return record


def _refuse_what_stays(held: HeldSale, draft: SaleDraft) -> None:
    before = {item.product_id: item.currency for item in held.record.items}
    after = {item.product_id: item.currency for item in draft.items}
    if held.record.starts_at != draft.starts_at:
        raise SaleStateForbids("This flash sale has begun: its start no longer changes")
    if before != after:
        raise SaleStateForbids("This flash sale has begun: its products and their currencies no longer change")


async def _write_item(connection: Connection, upkeep: StockUpkeep, item: HeldItem, draft: SaleDraft) -> None:
    wanted = next(one for one in draft.items if one.product_id == item.product_id)
    if await update_item(connection, item.id, wanted) is None:
        raise StockBelowSold(f"{item.sold} units of {item.product_id} are held or sold", sold=item.sold)
    if wanted.allocated_stock >= item.allocated or item.epoch == 0:
        return
    lowered = await read_item(connection, item.id)
    assert lowered is not None
    try:
        outcome = await upkeep.sync(lowered)
    except Unavailable:
        outcome = "STALE"
    if outcome == "TOO_LOW":
        taken = item.allocated - (await upkeep.figures(item.id)).stock
        raise StockBelowSold(f"{taken} units of {item.product_id} are held or sold", sold=taken)
    if outcome == "STALE":
        # Redis has nothing that could be lowered, or cannot be asked: PostgreSQL holds the line until it is built again.
        await note_drift(connection, item.id)
