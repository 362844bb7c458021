"""What processes have counted of quotes, on its way into the rollups.

Source: docs/spec/analytics.md#quotes.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.quotes.model.quote_cells import COLUMNS, Row
from quote_service.steering.analytics.model.quote_figures import QUOTE_FIGURES
from quote_service.steering.analytics.tables.rollups import add_rollups

STATEMENTS = Statements(__file__, "quote_minutes")
_ADD_MINUTES = STATEMENTS["add_minutes"].replace("these_columns", ", ".join(COLUMNS))
_encode = msgspec.json.Encoder().encode


async def add_minutes(connection: Connection, source: UUID, flush: int, minute: datetime, rows: Sequence[Row]) -> bool:
    """Write one flush of a process, unless it has been written: one statement, and so all of it or nothing.

    The rows go as one JSON text, which costs the process a third of what COPY does: it answers quotes meanwhile.

    Args:
        source: The process.
        flush: Its number, higher than that of every flush before.
        minute: What was counted belongs to it.
        rows: Of the columns `COLUMNS`, at least one.

    Returns:
        Whether it was written now.
    """
    text = _encode([dict(zip(COLUMNS, row, strict=True)) for row in rows]).decode()
    written = await connection.execute(_ADD_MINUTES, source, flush, minute, text)
    return written != "INSERT 0 0"


@STATEMENTS.query()
async def forget_sources(connection: Connection) -> None:
    """Remove processes that have written nothing for a day: none of them sends a flush again."""


async def fold_minutes(connection: Connection, zone: str, rows_max: int) -> int | None:
    """Move the oldest rows into the rollups, about so many; the caller holds the lock of the fold.

    Returns:
        How many rollups were written; None where there was nothing to fold.
    """
    until = await connection.fetchval(STATEMENTS["flushed_until"], rows_max)
    if until is None:
        return None
    # One statement reads and removes, so both see the same rows: what is flushed meanwhile stays for the next.
    return await add_rollups(
        connection,
        "analytics_quotes",
        QUOTE_FIGURES,
        STATEMENTS["unfolded"],
        zone,
        until,
        taken=STATEMENTS["take_unfolded"],
    )
