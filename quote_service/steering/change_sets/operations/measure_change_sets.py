"""Measure whether scheduled change sets are published, which is the same whichever process is asked.

Source: docs/spec/change-sets.md#publishing.
"""

from collections.abc import Iterable

from quote_service.platform.postgres.pool import Database
from quote_service.platform.telemetry.registry import Labels
from quote_service.steering.change_sets.tables.change_sets import seconds_to_next


async def measure_overdue(database: Database) -> Iterable[tuple[Labels, float]]:
    """How long the change set that is due first has waited for a background process, in seconds; 0 while none is due.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    async with database.read() as connection:
        seconds = await seconds_to_next(connection)
    return [({}, max(-seconds, 0.0) if seconds is not None else 0.0)]
