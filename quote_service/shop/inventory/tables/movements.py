"""Changes of stock, as a trigger writes them.

Source: docs/spec/inventory.md#movements.
"""

from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.shop.inventory.model.stock import StockMovement

_PAGE = load_queries(__file__, "movements")["page_of_movements"]


async def page_of_movements(
    connection: Connection, product_id: UUID, *, variant_id: UUID | None, before: int | None, limit: int
) -> list[StockMovement]:
    """Up to `limit` movements of a product's stock and its variants', newest first, from below the number `before`."""
    return [StockMovement(**row) for row in await connection.fetch(_PAGE, product_id, variant_id, before, limit)]
