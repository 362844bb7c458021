"""How another subject moves a current price: hold it, decide, move it, and the history says why.

Source: docs/spec/catalog.md#moving-a-price; docs/spec/catalog.md#price-history.
"""

from decimal import Decimal
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.shop.catalog.model.price_changes import Reason
from quote_service.shop.catalog.tables.price_changes import MovedPrice, move_prices
from quote_service.shop.catalog.tables.products import lock_products, set_change_reason
from quote_service.shop.catalog.tables.steered_prices import SteeredPrice, read_steered_price

__all__ = ["SteeredPrice", "hold_price", "read_steered_price", "steer_price"]


async def hold_price(
    connection: Connection, product_id: UUID, variant_id: UUID | None, currency: str
) -> SteeredPrice | None:
    """Keep a product from others until the transaction ends, and answer the price; None where there is none."""
    await lock_products(connection, [product_id])
    return await read_steered_price(connection, variant_id or product_id, currency)


async def steer_price(
    connection: Connection,
    item_id: UUID,
    currency: str,
    held: SteeredPrice,
    price: Decimal,
    *,
    reason: Reason,
    source_id: str,
    actor: str,
    note: str,
) -> None:
    """Move a price that is held; one that is there already stays, without a row of history.

    Args:
        connection: Inside the transaction in which the price was held.
        item_id: The variant that has the price of its own, or the product.
        currency: Of the price.
        held: What `hold_price` answered.
        price: What it is to be, within its bounds.
        reason: What moves it.
        source_id: The object behind the move.
        actor: Id of who moves it.
        note: Why, in words.
    """
    await set_change_reason(connection, reason, actor, note=note)
    if price != held.current:
        await move_prices(connection, [MovedPrice(item_id, currency, price, source_id)])
