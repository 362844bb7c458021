"""Measure what is the same whichever process is asked: how sources fare, and how much waits for a person.

Source: docs/spec/competitors.md#outcomes.
"""

from collections.abc import Iterable

from quote_service.intelligence.competitors.model.outcomes import OUTCOMES
from quote_service.intelligence.competitors.tables.listings import count_by_state
from quote_service.intelligence.competitors.tables.sources import count_by_outcome, count_stale
from quote_service.platform.postgres.pool import Database
from quote_service.platform.telemetry.registry import Labels

_STATES = ("unmatched", "proposed", "matched", "ignored")


async def measure_sources(database: Database) -> Iterable[tuple[Labels, float]]:
    """Enabled sources by how their last fetch ended.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    async with database.read() as connection:
        counts = await count_by_outcome(connection)
    return [({"outcome": outcome}, float(counts.get(outcome, 0))) for outcome in (*OUTCOMES, "never")]


async def measure_stale(database: Database) -> Iterable[tuple[Labels, float]]:
    """Enabled sources that are stale.

    Raises:
        Unavailable: As above.
    """
    async with database.read() as connection:
        return [({}, float(await count_stale(connection)))]


async def measure_listings(database: Database) -> Iterable[tuple[Labels, float]]:
    """Listings by how they are matched.

    Raises:
        Unavailable: As above.
    """
    async with database.read() as connection:
        counts = await count_by_state(connection)
    return [({"state": state}, float(counts.get(state, 0))) for state in _STATES]
