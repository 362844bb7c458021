"""End what has expired, and forget what is old.

Source: docs/spec/signals.md#signals.
"""

from datetime import datetime, timedelta

from quote_service.intelligence.signals.operations.looking.record_found import publish_signals
from quote_service.intelligence.signals.tables.raised import end_expired, end_wars, forget
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.instants import from_micros

ROWS_AT_ONCE = 2000
# Each tells an event.
_WARS_AT_ONCE = 200


async def sweep_signals(database: Database, keep_days: int, *, at: datetime | None = None) -> int:
    """Tidy a little at a time; the most rows of a kind that were touched, ROWS_AT_ONCE if there may be more.

    Args:
        database: With signals.
        keep_days: How long a signal is kept after its last change.
        at: Now, unless said otherwise.

    Raises:
        Unavailable: PostgreSQL cannot be reached.
    """
    now = from_micros(now_us()) if at is None else at
    async with database.transaction() as connection:
        await publish_signals(connection, "signal.resolved", await end_wars(connection, now, _WARS_AT_ONCE))
    async with database.transaction() as connection:
        ended = await end_expired(connection, now, ROWS_AT_ONCE)
    async with database.transaction() as connection:
        return max(ended, await forget(connection, now - timedelta(days=keep_days), ROWS_AT_ONCE))
