"""Units of products that were sold, out of the rollups of orders.

Source: docs/spec/analytics.md#rollups.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "units_sold")


async def units_sold(
    connection: Connection,
    since: datetime,
    until: datetime,
    *,
    product_ids: Sequence[UUID] | None = None,
    at_least: int = 1,
) -> dict[UUID, int]:
    """Units ordered in the hours from `since` to before `until`, by product; what came back is not taken off.

    Args:
        connection: To read with.
        since: A full hour.
        until: A full hour.
        product_ids: Only these; None for all.
        at_least: Products that sold fewer are left out.
    """
    names = None if product_ids is None else [str(each) for each in product_ids]
    return {
        row["product_id"]: row["units"]
        for row in await connection.fetch(STATEMENTS["units_sold"], since, until, names, at_least)
    }
