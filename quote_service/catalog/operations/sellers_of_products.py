"""Who sells products, as the catalog says at the moment.

Source: docs/spec/catalog.md#products-and-variants.
"""

from collections.abc import Collection
from uuid import UUID

from quote_service.catalog.tables.products import read_sellers
from quote_service.postgres.pool import Connection


async def sellers_of_products(connection: Connection, product_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The seller of each of some products, in one statement; those are left out of whom the catalog names none."""
    return await read_sellers(connection, product_ids)
