"""Measure what is the same whichever process is asked: how many campaigns there are, and whether they are looked after.

Source: docs/spec/campaigns.md#how-a-campaign-runs.
"""

from collections.abc import Iterable

from quote_service.platform.postgres.pool import Database
from quote_service.platform.telemetry.registry import Labels
from quote_service.shop.campaigns.tables.campaigns import count_by_status, seconds_overdue


async def measure_campaigns(database: Database) -> Iterable[tuple[Labels, float]]:
    """Campaigns that are scheduled, and that are active.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    async with database.read() as connection:
        counts = await count_by_status(connection)
    return [({"status": status}, float(counts.get(status, 0))) for status in ("scheduled", "active")]


async def measure_overdue(database: Database) -> Iterable[tuple[Labels, float]]:
    """How long the campaign that is due first has waited for a worker, in seconds.

    Raises:
        Unavailable: As above.
    """
    async with database.read() as connection:
        return [({}, await seconds_overdue(connection))]
