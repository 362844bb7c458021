"""What processes have counted of quotes, on its way into the rollups.

Source: docs/spec/analytics.md#quotes.
"""

from quote_service.analytics.tables.rollups import add_rollups
from quote_service.analytics.words.quote_figures import QUOTE_FIGURES
from quote_service.postgres.pool import Connection
from quote_service.postgres.queries import load_queries

_QUERIES = load_queries(__file__, "quote_minutes")
_FLUSHED_UNTIL = _QUERIES["flushed_until"]
_UNFOLDED = _QUERIES["unfolded"]
_TAKE_UNFOLDED = _QUERIES["take_unfolded"]


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
