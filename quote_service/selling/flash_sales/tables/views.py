"""How often quotes showed the price of a sale item, by the minute.

Source: docs/spec/flash-sales.md#analytics.
"""

from collections.abc import Mapping

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "views")


async def add_views(connection: Connection, views: Mapping[tuple[int, int], int]) -> None:
    """Add counts by item and minute (whole minutes since 1970-01-01T00:00Z) to those that are kept."""
    await connection.execute(
        STATEMENTS["add_views"], [item for item, _ in views], [minute for _, minute in views], list(views.values())
    )
