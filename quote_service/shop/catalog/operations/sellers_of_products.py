"""Who sells products, as the catalog says at the moment.

Source: docs/spec/catalog.md#products-and-variants.
"""

from collections.abc import Collection
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.shop.catalog.tables.products import read_sellers


async def sellers_of_products(connection: Connection, product_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The seller of each of some products, in one statement; those are left out of whom the catalog names none."""
    return await read_sellers(connection, product_ids)
