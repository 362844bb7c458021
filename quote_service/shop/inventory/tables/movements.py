"""Changes of stock, as a trigger writes them.

Source: docs/spec/inventory.md#movements.
"""

from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.shop.inventory.model.stock import StockMovement

STATEMENTS = Statements(__file__, "movements")


@STATEMENTS.query()
async def page_of_movements(
    connection: Connection, product_id: UUID, *, variant_id: UUID | None, before: int | None, limit: int
) -> list[StockMovement]:
    """Up to `limit` movements of a product's stock and its variants', newest first, from below the number `before`."""
