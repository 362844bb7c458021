"""Add what was counted of quotes to the rollups.

Source: docs/spec/analytics.md#rollups.
"""

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.traces import traced_work
from quote_service.steering.analytics.model.rollup_tables import QUOTES
from quote_service.steering.analytics.tables.folds import note_fold, rollup_zone, try_lock_fold
from quote_service.steering.analytics.tables.quote_minutes import fold_minutes

# Of one transaction: what has piled up is folded in several, each well within the time of a statement.
ROWS_MAX = 20_000


@traced_work("fold quotes")
async def fold_quotes(database: Database, zone: str, rows_max: int = ROWS_MAX) -> bool:
    """Fold what there is, up to about so many rows, in one transaction: killed in the middle, it has not happened.

    Args:
        database: Any number of processes may fold; one does, and the others have nothing to do.
        zone: Of the settings; what was folded first decides.
        rows_max: After so many the transaction ends.

    Returns:
        Whether there may be more to fold.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    async with database.transaction() as connection:
        if not await try_lock_fold(connection, QUOTES.source):
            return False
        held = await rollup_zone(connection, zone)
        assert held is not None
        written = await fold_minutes(connection, held, rows_max)
        await note_fold(connection, QUOTES.source)
    return written is not None
