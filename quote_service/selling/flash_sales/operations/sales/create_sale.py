"""An admin announces a flash sale.

Source: docs/spec/flash-sales.md#sales.
"""

from uuid import UUID

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Invalid, SaleOverlaps
from quote_service.platform.system.new_ids import new_id
from quote_service.selling.flash_sales.model.sale import SaleDraft, SaleRecord
from quote_service.selling.flash_sales.operations.sales.price_bounds import refuse_below_minimum
from quote_service.selling.flash_sales.tables.sales import find_clash, insert_sale, read_sale


async def create_sale(change: Change, draft: SaleDraft) -> SaleRecord:
    """Write a sale that begins by the clock or by hand.

    Args:
        change: Its author.
        draft: Without faults of its own (`sale_faults`).

    Raises:
        Invalid: It would be over already, or a price is below the `min_price` that it respects.
        SaleOverlaps: Another open sale has one of its products in its period.
    """
    at = change.at
    if draft.ends_at <= at:
        raise Invalid.at("/ends_at", "is in the past")
    sale_id = UUID(new_id(change.at_us // 1000))
    await refuse_clash(change.connection, sale_id, draft)
    if draft.respects_min_price is not False:
        await refuse_below_minimum(change.connection, draft)
    await insert_sale(change.connection, sale_id, draft, change.actor, at)
    record = await read_sale(change.connection, sale_id)
    await change.record("flash_sale.create", None, record)
    return record


async def refuse_clash(connection: Connection, sale_id: UUID, sale: SaleDraft) -> None:
    """Say which product is in the way; of two that are written at once, the constraint refuses the second.

    Raises:
        SaleOverlaps: See above.
    """
    products = [item.product_id for item in sale.items]
    clash = await find_clash(connection, sale_id, products, sale.starts_at, sale.ends_at)
    if clash is not None:
        raise SaleOverlaps(f"The product {clash[0]} is on the flash sale {clash[1]} in this period")
