"""Measure what is the same whichever process is asked: how old figures of the market are.

Source: docs/spec/market-analysis.md#runs.
"""

from collections.abc import Iterable

from quote_service.market_analysis.tables.market import seconds_since_analysis
from quote_service.postgres.pool import Database
from quote_service.telemetry.registry import Labels


async def measure_age(database: Database) -> Iterable[tuple[Labels, float]]:
    """How long ago the last run that was done began; nothing before the first.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    async with database.read() as connection:
        age = await seconds_since_analysis(connection)
    return [] if age is None else [({}, age)]
