"""Measure what is the same whichever process is asked: what waits for a person, and how old runs and models are.

Source: docs/spec/price-decisions.md#runs.
"""

from collections.abc import Iterable

from quote_service.intelligence.price_decisions.model.decisions import WAITING
from quote_service.intelligence.price_decisions.tables.decisions import count_waiting
from quote_service.intelligence.price_decisions.tables.models import newest_model
from quote_service.intelligence.price_decisions.tables.runs import seconds_since_run
from quote_service.platform.postgres.pool import Database
from quote_service.platform.telemetry.registry import Labels


async def measure_waiting(database: Database) -> Iterable[tuple[Labels, float]]:
    """Decisions that wait for a person.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    async with database.read() as connection:
        counts = await count_waiting(connection)
    return [({"state": state}, float(counts.get(state, 0))) for state in WAITING]


async def measure_run(database: Database) -> Iterable[tuple[Labels, float]]:
    """Seconds since the last run that ended began; 0 before the first.

    Raises:
        Unavailable: As above.
    """
    async with database.read() as connection:
        return [({}, await seconds_since_run(connection) or 0.0)]


async def measure_model(database: Database) -> Iterable[tuple[Labels, float]]:
    """Age of the newest model in seconds; 0 before the first.

    Raises:
        Unavailable: As above.
    """
    async with database.read() as connection:
        newest = await newest_model(connection)
    return [({}, 0.0 if newest is None else newest.age_seconds)]
