"""All products, page by page, however slowly they are read; no connection is held between pages.

Source: docs/spec/catalog.md#import-and-export.
"""

from collections.abc import AsyncIterator
from uuid import UUID

from quote_service.platform.postgres.pool import Database
from quote_service.shop.catalog.model.products import ProductRecord
from quote_service.shop.catalog.tables.product_pages import page_of_ids
from quote_service.shop.catalog.tables.products import read_products

# So few that turning them into lines keeps no quote waiting.
PAGE_ROWS = 100


async def export_products(database: Database) -> AsyncIterator[list[ProductRecord]]:
    """The products there are, those that are not sold too, by id; each as it is when its page is read.

    Raises:
        Unavailable: The database cannot be reached; what has been read until then is not all.
    """
    after = UUID(int=0)
    while True:
        async with database.read() as connection:
            ids = await page_of_ids(connection, after=after, limit=PAGE_ROWS)
            records = await read_products(connection, ids)
        if not ids:
            return
        yield [records[product_id] for product_id in ids]
        after = ids[-1]
