"""Show the sales that one can buy in to those who buy: prices, what is left, own limits, and nothing of what it costs.

A list says what is recorded. One sale asks Redis too, which knows of purchases a moment earlier.

Source: docs/spec/access.md#shoppers.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.system.errors import NotFound, Unavailable
from quote_service.selling.flash_sales.model.open_sale import OpenSale, OpenSaleItem, OpenState
from quote_service.selling.flash_sales.model.sale import of_minor
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import FlashSaleRuntime
from quote_service.selling.flash_sales.tables.open_sales import OpenItemRow, OpenRow, open_items, page_of_open_sales


class Known(NamedTuple):
    """Units of an item that nobody has, and those that the customer has."""

    remaining: int
    owned: int


async def list_open_sales(
    runtime: FlashSaleRuntime,
    state: OpenState,
    *,
    customer_id: UUID | None,
    product_id: UUID | None,
    before: UUID | None,
    limit: int,
) -> list[OpenSale]:
    """Up to `limit` open sales, the newest first, from behind `before`.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    async with runtime.database.snapshot() as connection:
        sales = await page_of_open_sales(connection, [state], product_id=product_id, before=before, limit=limit)
        items = await open_items(connection, [sale.id for sale in sales], customer_id)
    known = {item.id: Known(item.remaining, item.owned) for item in items}
    return [_shown(sale, items, known, customer_id) for sale in sales]


async def read_open_sale(
    runtime: FlashSaleRuntime, sale_id: UUID, states: Sequence[OpenState], customer_id: UUID | None
) -> OpenSale:
    """One open sale as it is now; while Redis is unavailable, as far as it is recorded.

    Raises:
        NotFound: There is no such sale, or it is not in one of the states.
        Unavailable: PostgreSQL gave no answer.
    """
    async with runtime.database.snapshot() as connection:
        sales = await page_of_open_sales(connection, states, sale_id=sale_id)
        items = await open_items(connection, [sale_id], customer_id)
    if not sales:
        raise NotFound("There is no such flash sale, or it is not open")
    known = {item.id: await _known(runtime, item, customer_id) for item in items}
    return _shown(sales[0], items, known, customer_id)


async def _known(runtime: FlashSaleRuntime, item: OpenItemRow, customer_id: UUID | None) -> Known:
    recorded = Known(item.remaining, item.owned)
    if runtime.gate.is_unavailable_for(item.id):
        return recorded
    try:
        stock = await runtime.upkeep.stock(item.id)
        owned = 0 if customer_id is None else await runtime.upkeep.owned(item.id, customer_id)
    except Unavailable:
        return recorded
    remaining = item.remaining if stock is None else min(stock, item.remaining)
    return Known(remaining, max(owned, item.owned))


def _shown(sale: OpenRow, items: Sequence[OpenItemRow], known: dict[int, Known], customer_id: UUID | None) -> OpenSale:
    return OpenSale(
        id=sale.id,
        name=sale.name,
        state=sale.state,
        starts_at=sale.starts_at,
        ends_at=sale.ends_at,
        hold_seconds=sale.hold_seconds,
        items=[_shown_item(item, known[item.id], customer_id) for item in items if item.sale_id == sale.id],
    )


def _shown_item(item: OpenItemRow, known: Known, customer_id: UUID | None) -> OpenSaleItem:
    left = max(0, item.per_customer_limit - known.owned)
    return OpenSaleItem(
        product_id=item.product_id,
        currency=item.currency,
        sale_price=of_minor(item.sale_price_minor, item.currency),
        list_price=None if item.list_price_minor is None else of_minor(item.list_price_minor, item.currency),
        per_customer_limit=item.per_customer_limit,
        allocated_stock=item.allocated,
        remaining_stock=known.remaining,
        left_to_buy=None if customer_id is None else left,
    )
