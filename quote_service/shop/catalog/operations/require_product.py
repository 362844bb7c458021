"""Whether there is a product or a category, for subjects that tell something of it.

Source: docs/spec/catalog.md#products-and-variants.
"""

from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.resource.operations import read
from quote_service.platform.system.errors import NotFound
from quote_service.shop.catalog.operations.categories import CATEGORIES
from quote_service.shop.catalog.tables.price_history import is_item


async def require_product(connection: Connection, product_id: UUID) -> None:
    """Return where there is such a product, sold or switched off.

    Raises:
        NotFound: There is none.
    """
    if not await is_item(connection, product_id, None):
        raise NotFound("There is no such product")


async def require_category(connection: Connection, category_id: UUID) -> None:
    """Return where there is such a category.

    Raises:
        NotFound: There is none.
    """
    await read(CATEGORIES, connection, category_id)
