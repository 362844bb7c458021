"""Measure what is the same whichever process is asked: what is open, and what waits to be looked at.

Source: docs/spec/signals.md#looking.
"""

from collections.abc import Iterable

from quote_service.intelligence.signals.model.signals import SIGNAL_KINDS
from quote_service.intelligence.signals.tables.notes import oldest_note
from quote_service.intelligence.signals.tables.raised import count_open
from quote_service.platform.postgres.pool import Database
from quote_service.platform.telemetry.registry import Labels


async def measure_open(database: Database) -> Iterable[tuple[Labels, float]]:
    """Open signals by kind.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    async with database.read() as connection:
        counts = await count_open(connection)
    return [({"kind": kind}, float(counts.get(kind, 0))) for kind in SIGNAL_KINDS]


async def measure_unseen(database: Database) -> Iterable[tuple[Labels, float]]:
    """For how many seconds the oldest thing has waited that nobody has looked at; 0 without one.

    Raises:
        Unavailable: As above.
    """
    async with database.read() as connection:
        return [({}, (await oldest_note(connection))[1])]
