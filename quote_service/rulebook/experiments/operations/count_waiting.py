"""Count what processes have seen, one of them at a time.

Source: docs/spec/experiments.md#exposures.
"""

from quote_service.platform.postgres.pool import Database
from quote_service.rulebook.experiments.tables.counting import (
    count_exposures,
    count_outcomes,
    due_outcomes,
    end_experiments,
    forget_customers,
    take_turn,
)

ROWS_AT_ONCE = 5000


async def count_waiting(database: Database, *, at_once: int = ROWS_AT_ONCE) -> bool:
    """Count a batch of exposures and the outcomes that go with them; whether there is more.

    Raises:
        Unavailable: PostgreSQL cannot be reached.
    """
    async with database.transaction() as connection:
        if not await take_turn(connection):
            return False
        # Before the exposures are read: whoever writes both writes them together, so those of a due outcome are there.
        due = await due_outcomes(connection, at_once)
        exposures = await count_exposures(connection, at_once)
        if exposures < at_once and due.outcomes:
            await count_outcomes(connection, due)
        await end_experiments(connection)
        return exposures >= at_once or due.outcomes >= at_once


async def forget_ended(database: Database, keep_days: int) -> bool:
    """Forget the customers of experiments that ended long ago, a little at a time; whether there are more.

    Raises:
        Unavailable: PostgreSQL cannot be reached.
    """
    async with database.transaction() as connection:
        return await forget_customers(connection, keep_days, ROWS_AT_ONCE) >= ROWS_AT_ONCE
