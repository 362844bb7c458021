"""How far each subject of windows is: its newest event, and what became of its events.

Source: docs/spec/market-analysis.md#watermark.
"""

from datetime import datetime
from typing import NamedTuple

from quote_service.intelligence.market_analysis.model.windows.subjects import WindowEngine, WindowSubject
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.instants import from_micros, to_micros

STATEMENTS = Statements(__file__, "window_marks")


class WindowMark(NamedTuple):
    """How far a subject is; `newest_at` is None while nothing was seen."""

    subject: WindowSubject
    newest_at: datetime | None
    counted: int
    late: int
    ahead: int
    unreadable: int
    updated_at: datetime
    age_seconds: float | None


class BatchFigures(NamedTuple):
    """What became of the events of a batch."""

    counted: int
    late: int
    ahead: int
    unreadable: int = 0


async def hold_mark(connection: Connection, subject: WindowSubject) -> int | None:
    """The instant of the newest event that PostgreSQL has counted, held until the transaction ends; None before the first."""
    newest: datetime | None = await connection.fetchval(STATEMENTS["hold_mark"], "postgresql", subject)
    return None if newest is None else to_micros(newest)


async def move_mark(
    connection: Connection, subject: WindowSubject, newest_us: int | None, figures: BatchFigures
) -> None:
    """Note what a batch came to, and its newest event."""
    newest = None if newest_us is None else from_micros(newest_us)
    reported = (figures.counted, figures.late, figures.ahead)
    await connection.execute(STATEMENTS["move_mark"], "postgresql", subject, newest, *reported)


@STATEMENTS.query()
async def note_batch(
    connection: Connection, subject: WindowSubject, stream: str, batch: int, figures: BatchFigures
) -> None:
    """Note what a batch of Spark's came to, once however often it is told."""


async def move_newest(connection: Connection, subject: WindowSubject, newest_us: int) -> None:
    """Note the newest event that Spark has counted."""
    await connection.execute(STATEMENTS["move_newest"], "spark", subject, from_micros(newest_us))


async def read_marks(connection: Connection, engine: WindowEngine) -> dict[WindowSubject, WindowMark]:
    """How far the subjects are of which anything was seen."""
    return {row["subject"]: WindowMark(**dict(row)) for row in await connection.fetch(STATEMENTS["marks"], engine)}
