"""What processes have counted of quotes, on its way into the rollups.

Source: docs/spec/analytics.md#quotes.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from quote_service.analytics.tables.rollups import add_rollups
from quote_service.analytics.words.quote_figures import QUOTE_FIGURES
from quote_service.postgres.pool import Connection
from quote_service.postgres.queries import load_queries
from quote_service.quotes.words.quote_cells import COLUMNS, Row

_QUERIES = load_queries(__file__, "quote_minutes")
_FLUSHED_UNTIL = _QUERIES["flushed_until"]
_UNFOLDED = _QUERIES["unfolded"]
_TAKE_UNFOLDED = _QUERIES["take_unfolded"]
_NOTE_FLUSH = _QUERIES["note_flush"]
_FORGET_SOURCES = _QUERIES["forget_sources"]
_ROWS_A_TURN = 50


async def add_minutes(connection: Connection, source: UUID, flush: int, minute: datetime, rows: Sequence[Row]) -> bool:
    """Write one flush of a process, unless it has been written; in a transaction.

    Args:
        source: The process.
        flush: Its number, higher than that of every flush before.
        minute: What was counted belongs to it.
        rows: Of the columns `COLUMNS`.

    Returns:
        Whether it was written now.
    """
    if await connection.fetchval(_NOTE_FLUSH, source, flush) is None:
        return False
    await connection.copy_records_to_table(
        "analytics_quote_minutes", columns=("minute", *COLUMNS), records=_in_turns(minute, rows)
    )
    return True


async def _in_turns(minute: datetime, rows: Sequence[Row]) -> AsyncIterator[tuple[Any, ...]]:
    """Let the quotes that come in meanwhile have their turn: writing a hundred rows takes as long as many of them."""
    for number, row in enumerate(rows, 1):
        if not number % _ROWS_A_TURN:
            await asyncio.sleep(0)
        yield (minute, *row)


async def forget_sources(connection: Connection) -> None:
    """Remove processes that have written nothing for a day: none of them sends a flush again."""
    await connection.execute(_FORGET_SOURCES)


async def fold_minutes(connection: Connection, zone: str, rows_max: int) -> int | None:
    """Move the oldest rows into the rollups, about so many; the caller holds the lock of the fold.

    Returns:
        How many rollups were written; None where there was nothing to fold.
    """
    until = await connection.fetchval(_FLUSHED_UNTIL, rows_max)
    if until is None:
        return None
    # One statement reads and removes, so both see the same rows: what is flushed meanwhile stays for the next.
    return await add_rollups(
        connection, "analytics_quotes", QUOTE_FIGURES, _UNFOLDED, zone, until, taken=_TAKE_UNFOLDED
    )
