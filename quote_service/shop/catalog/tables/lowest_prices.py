"""What prices of products should not go below.

Source: docs/spec/catalog.md#prices.
"""

from collections.abc import Collection
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "lowest_prices")


class LowestPrice(NamedTuple):
    """The highest `min_price` and `cost_price` among a product and its variants, in major units."""

    min_price: Decimal
    cost_price: Decimal | None


@STATEMENTS.query()
async def read_lowest_prices(
    connection: Connection, product_ids: Collection[UUID]
) -> dict[tuple[UUID, str], LowestPrice]:
    """The bounds of some products, by product and currency; those without prices are left out."""
