"""Measure how long imports and scheduled prices have waited for a background process.

Source: docs/spec/catalog.md#scheduled-changes.
"""

from quote_service.platform.postgres.pool import Connection
from quote_service.shop.catalog.tables import imports, price_changes


async def imports_wait(connection: Connection) -> float:
    """Seconds since the oldest import that is not done was sent; 0 where there is none."""
    return await imports.seconds_waiting(connection)


async def price_changes_wait(connection: Connection) -> float:
    """Seconds since the price change that is due first was due; 0 where none is."""
    return await price_changes.seconds_overdue(connection)
