"""What prices of products should not go below, for those who sell them at a price of their own.

Source: docs/spec/catalog.md#prices.
"""

from collections.abc import Collection
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.shop.catalog.tables.lowest_prices import LowestPrice, read_lowest_prices


async def lowest_prices(connection: Connection, product_ids: Collection[UUID]) -> dict[tuple[UUID, str], LowestPrice]:
    """The highest `min_price` and `cost_price` of each product and its variants, by product and currency."""
    return await read_lowest_prices(connection, product_ids)
