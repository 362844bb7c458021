"""Measure what is the same whichever process is asked: what waits, what was given up, who is disabled.

Source: docs/spec/webhooks.md#deliveries.
"""

from collections.abc import Iterable

from quote_service.platform.postgres.pool import Database
from quote_service.platform.telemetry.registry import Labels
from quote_service.platform.webhooks.tables.deliveries import count_waiting
from quote_service.platform.webhooks.tables.endpoints import count_disabled


async def measure_deliveries(database: Database) -> Iterable[tuple[Labels, float]]:
    """Deliveries that wait, and that are parked.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    async with database.read() as connection:
        waiting = await count_waiting(connection)
    return [({"state": "pending"}, float(waiting.pending)), ({"state": "parked"}, float(waiting.parked))]


async def measure_overdue(database: Database) -> Iterable[tuple[Labels, float]]:
    """How long the delivery that is due first, to an endpoint that works, has waited for a sender, in seconds.

    Raises:
        Unavailable: As above.
    """
    async with database.read() as connection:
        return [({}, (await count_waiting(connection)).overdue_seconds)]


async def measure_disabled(database: Database) -> Iterable[tuple[Labels, float]]:
    """Endpoints that were disabled because they failed.

    Raises:
        Unavailable: As above.
    """
    async with database.read() as connection:
        counts = await count_disabled(connection)
    return [({"reason": reason}, float(counts.get(reason, 0))) for reason in ("failing", "gone")]
