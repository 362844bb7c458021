"""Confirmed purchases of flash sales become orders, in the transaction that confirms them.

Who confirms calls this once for each purchase, with all of a batch at once: the number of statements does not grow with it.

Locks: none of rows that are there; at the commit the ledger's accounts.

Source: docs/spec/orders.md#flash-sale-purchases.
"""

from collections.abc import Sequence
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.new_ids import new_id
from quote_service.selling.orders.model.flash_sale_purchase import ConfirmedPurchase, freeze_purchase
from quote_service.selling.orders.model.order import Order
from quote_service.selling.orders.operations.place_orders import post_orders, publish_placed
from quote_service.selling.orders.tables.orders import insert_orders
from quote_service.shop.catalog.operations.sellers_of_products import sellers_of_products

_PLACED_BY = "flash-sales"


async def place_flash_sale_orders(connection: Connection, purchases: Sequence[ConfirmedPurchase], at_us: int) -> None:
    """Write and post an order for each purchase.

    Args:
        connection: Inside the transaction that confirms them.
        purchases: Confirmed just now, none of them before.
        at_us: Now.
    """
    if not purchases:
        return
    sellers = await sellers_of_products(connection, {purchase.product_id for purchase in purchases})
    orders = [_order(purchase, sellers.get(purchase.product_id), at_us) for purchase in purchases]
    is_wanted = await insert_orders(connection, orders)
    await post_orders(connection, orders)
    if is_wanted:
        await publish_placed(connection, orders)


def _order(purchase: ConfirmedPurchase, seller_id: UUID | None, at_us: int) -> Order:
    at = from_micros(at_us)
    return Order(
        id=UUID(new_id(at_us // 1000)),
        quote_id=None,
        purchase_id=purchase.id,
        customer_id=purchase.customer_id,
        status="placed",
        figures=freeze_purchase(purchase, seller_id),
        external_ref=None,
        rulebook_version=None,
        placed_at=at,
        placed_by=_PLACED_BY,
        placed_by_kind="system",
        request_id="",
        changed_at=at,
        fulfilled_at=None,
        cancelled_at=None,
    )
