"""Measure what is the same whichever process is asked: how old figures of the market are, and what windows are counted of.

Source: docs/spec/market-analysis.md#runs.
"""

from collections.abc import Iterable

from quote_service.intelligence.market_analysis.model.windows.subjects import WindowEngine
from quote_service.intelligence.market_analysis.tables.market import seconds_since_analysis
from quote_service.intelligence.market_analysis.tables.window_marks import read_marks
from quote_service.platform.postgres.pool import Database
from quote_service.platform.telemetry.registry import Labels


async def measure_age(database: Database) -> Iterable[tuple[Labels, float]]:
    """How long ago the last run that was done began; nothing before the first.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    async with database.read() as connection:
        age = await seconds_since_analysis(connection)
    return [] if age is None else [({}, age)]


async def measure_window_events(database: Database, engine: WindowEngine) -> Iterable[tuple[Labels, float]]:
    """What became of the events of each subject of which any was seen.

    Raises:
        Unavailable: As above.
    """
    async with database.read() as connection:
        marks = await read_marks(connection, engine)
    return [
        ({"subject": mark.subject, "outcome": outcome}, float(getattr(mark, outcome)))
        for mark in marks.values()
        for outcome in ("counted", "late", "ahead", "unreadable")
    ]


async def measure_window_age(database: Database, engine: WindowEngine) -> Iterable[tuple[Labels, float]]:
    """How long ago the newest event of each subject happened.

    Raises:
        Unavailable: As above.
    """
    async with database.read() as connection:
        marks = await read_marks(connection, engine)
    return [({"subject": mark.subject}, mark.age_seconds) for mark in marks.values() if mark.age_seconds is not None]
