"""Let go of rollups by the hour and by the day that are older than reports ask for; months stay.

Source: docs/spec/analytics.md#how-long.
"""

from quote_service.platform.postgres.pool import Database
from quote_service.steering.analytics.model.rollup_tables import ORDER_RANKS, QUOTE_RANKS, ROLLUP_TABLES
from quote_service.steering.analytics.tables.quote_minutes import forget_sources
from quote_service.steering.analytics.tables.retention import forget_before, forget_quarters_before, note_forgotten

ROWS_AT_ONCE = 5000


async def forget_rollups(database: Database, hour_days: int, day_days: int, rows_at_once: int = ROWS_AT_ONCE) -> None:
    """Remove what is older than so many days, some thousand rows a transaction.

    Raises:
        Unavailable: PostgreSQL gave no answer; what was removed by then is.
    """
    async with database.transaction() as connection:
        await forget_sources(connection)
        await note_forgotten(connection, hour_days, day_days)
    kept = (("hour", hour_days), ("month_hour", day_days), ("day", day_days))
    for table, grain, days in (
        *((table.name, *each) for table in ROLLUP_TABLES for each in kept),
        *((ranks, grain, day_days) for ranks in (QUOTE_RANKS, ORDER_RANKS) for grain in ("week", "day")),
    ):
        removed = rows_at_once
        while removed >= rows_at_once:
            async with database.transaction() as connection:
                removed = await forget_before(connection, table, grain, days, rows_at_once)
    for rollup in ROLLUP_TABLES:
        removed = rows_at_once
        while removed >= rows_at_once:
            async with database.transaction() as connection:
                removed = await forget_quarters_before(connection, rollup, hour_days, rows_at_once)
