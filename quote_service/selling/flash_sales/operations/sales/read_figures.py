"""Read how a sale stands: what is recorded, and what Redis holds beyond that.

Source: docs/spec/flash-sales.md#live-figures.
"""

from uuid import UUID

from quote_service.platform.system.errors import NotFound, Unavailable
from quote_service.selling.flash_sales.model.figures import CustomerItemSummary, CustomerSummary, LiveFigures, LiveItem
from quote_service.selling.flash_sales.model.sale import of_minor
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import FlashSaleRuntime
from quote_service.selling.flash_sales.tables.purchases import CustomerItem, ItemFigures, customer_items, item_figures
from quote_service.selling.flash_sales.tables.sales import database_now, read_sale

_RECENT_SECONDS = 10


async def read_figures(runtime: FlashSaleRuntime, sale_id: UUID) -> LiveFigures:
    """A sale now; while Redis is unavailable, as far as it is recorded.

    Raises:
        NotFound: There is no such sale.
        Unavailable: PostgreSQL gave no answer.
    """
    async with runtime.database.read() as connection:
        sale = await read_sale(connection, sale_id)
        items = await item_figures(connection, sale_id)
        at = await database_now(connection)
    return LiveFigures(
        flash_sale_id=sale_id, state=sale.state, at=at, items=[await _live(runtime, item) for item in items]
    )


async def summarize_customer(runtime: FlashSaleRuntime, sale_id: UUID, customer_id: UUID) -> CustomerSummary:
    """What a customer has of a sale, what is still on its way included; while Redis is unavailable, as far as it is recorded.

    Raises:
        NotFound: There is no such sale.
        Unavailable: PostgreSQL gave no answer.
    """
    async with runtime.database.read() as connection:
        items = await customer_items(connection, sale_id, customer_id)
    if not items:
        raise NotFound("There is no such flash sale")
    return CustomerSummary(
        flash_sale_id=sale_id,
        customer_id=customer_id,
        items=[_summary(item, await _owned(runtime, item.id, customer_id)) for item in items],
    )


def _summary(item: CustomerItem, owned: int) -> CustomerItemSummary:
    # What Redis counts beyond the records is reserved and about to be recorded.
    reserved = max(item.reserved, owned - item.bought)
    return CustomerItemSummary(
        product_id=item.product_id,
        currency=item.currency,
        bought=item.bought,
        reserved=reserved,
        spent=of_minor(item.spent_minor, item.currency),
        left_to_buy=max(0, item.per_customer_limit - item.bought - reserved),
    )


async def _owned(runtime: FlashSaleRuntime, item_id: int, customer_id: UUID) -> int:
    if runtime.gate.is_away:
        return 0
    try:
        return await runtime.upkeep.owned(item_id, customer_id)
    except Unavailable:
        return 0


async def _live(runtime: FlashSaleRuntime, item: ItemFigures) -> LiveItem:
    stock, waiting, refused = item.allocated - item.sold, 0, {}
    if not runtime.gate.is_unavailable_for(item.id):
        try:
            found = await runtime.upkeep.figures(item.id)
            if found.epoch is not None and found.state != "recovering":
                stock, waiting = found.stock, found.waiting
            refused = await runtime.upkeep.refusals(item.id)
        except Unavailable:
            refused = {}
    return LiveItem(
        product_id=item.product_id,
        allocated=item.allocated,
        stock=stock,
        reserved=item.reserved + max(0, item.allocated - item.sold - stock),
        confirmed=item.confirmed,
        rejected=item.rejected,
        given_back=item.given_back,
        waiting=waiting,
        per_second=item.recent / _RECENT_SECONDS,
        refused=refused,
    )
