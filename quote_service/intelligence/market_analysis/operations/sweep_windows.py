"""Forget windows that are old.

Source: docs/spec/market-analysis.md#windows.
"""

from typing import Final

from quote_service.intelligence.market_analysis.tables.windows import forget_windows
from quote_service.platform.postgres.pool import Database

_ROWS_AT_ONCE: Final = 5000


async def sweep_windows(database: Database, days: int, *, limit: int = _ROWS_AT_ONCE) -> bool:
    """Forget some; whether there may be more.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    async with database.transaction() as connection:
        return await forget_windows(connection, days, limit) >= limit
