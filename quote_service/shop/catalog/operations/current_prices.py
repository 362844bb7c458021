"""Current prices, for subjects that change many of them.

Source: docs/spec/catalog.md#moving-a-price.
"""

from collections.abc import Collection, Sequence
from decimal import Decimal
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.shop.catalog.tables.price_changes import PricePlace, read_bounds
from quote_service.shop.catalog.tables.products import lock_products, read_products

__all__ = ["PricePlace", "hold_prices", "read_current_prices", "variants_that_follow"]


async def read_current_prices(connection: Connection, places: Sequence[PricePlace]) -> list[Decimal | None]:
    """The current price of each product or variant, own or its product's; None where it is not sold so."""
    return [None if isinstance(each, str) else each.current for each in await read_bounds(connection, places)]


async def hold_prices(connection: Connection, product_ids: Collection[UUID]) -> None:
    """Keep products from others until the transaction ends, in the one order in which everybody takes them."""
    await lock_products(connection, sorted(set(product_ids)))


async def variants_that_follow(connection: Connection, product_ids: Collection[UUID]) -> list[tuple[UUID, UUID, str]]:
    """Variants of some products whose current price in a currency is their product's: product, variant, currency."""
    if not product_ids:
        return []
    return [
        (product.id, variant.id, price.currency)
        for product in (await read_products(connection, list(product_ids))).values()
        for variant in product.variants
        for price in variant.prices
        if "current_price" not in price.own
    ]
