"""Note what the figures of experiments are, so that they can be told over time.

Source: docs/spec/experiments.md#over-time.
"""

from quote_service.platform.postgres.pool import Database
from quote_service.rulebook.experiments.tables.counting import wait_for_turn
from quote_service.rulebook.experiments.tables.history import forget_history, note_history

METRICS_MAX = 20
KEPT_DAYS = 366
_ROWS_AT_ONCE = 5000


async def note_experiments(database: Database) -> bool:
    """Note every experiment that runs or has just ended, and forget what is old; whether there is more to forget.

    Figures are sums since the beginning, so a moment that nobody noted is missing and nothing else.

    Raises:
        Unavailable: PostgreSQL cannot be reached.
    """
    async with database.transaction() as connection:
        await wait_for_turn(connection)
        await note_history(connection, METRICS_MAX)
    async with database.transaction() as connection:
        return await forget_history(connection, KEPT_DAYS, _ROWS_AT_ONCE) >= _ROWS_AT_ONCE
