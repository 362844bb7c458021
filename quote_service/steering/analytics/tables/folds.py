"""Who folds a source, and how far it has been folded.

Source: docs/spec/analytics.md#rollups.
"""

from datetime import datetime
from typing import NamedTuple

from quote_service.platform.postgres.long_transactions import allow_long_transaction
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.steering.analytics.tables.rollups import FOLD_SECONDS_MAX

_QUERIES = load_queries(__file__, "folds")
_TRY_LOCK_FOLD = _QUERIES["try_lock_fold"]
_TAKE_ZONE = _QUERIES["take_zone"]
_ZONE = _QUERIES["zone"]
_FOLDED = _QUERIES["folded"]
_HORIZON = _QUERIES["horizon"]
_NOTE_FOLD = _QUERIES["note_fold"]


class Horizon(NamedTuple):
    """Numbers of transactions, as text: rows written in `folded_below` <= n < `foldable_below` are to be folded.

    Every transaction below `foldable_below` has ended, so no row of one of these comes later.
    """

    folded_below: str
    foldable_below: str


class Folded(NamedTuple):
    """How far a source is in the rollups: when the last fold of it began."""

    source: str
    folded_below: str
    folded_at: datetime


async def try_lock_fold(connection: Connection, source: str) -> bool:
    """Be the only one who folds a source until the transaction ends; false where another one is at it.

    Statements of the transaction may take as long as a fold of much does on a machine that is busy.
    """
    if not await connection.fetchval(_TRY_LOCK_FOLD, source):
        return False
    await allow_long_transaction(
        connection, statement_seconds=int(FOLD_SECONDS_MAX), transaction_seconds=10 * int(FOLD_SECONDS_MAX)
    )
    return True


async def rollup_zone(connection: Connection, zone: str | None = None) -> str | None:
    """The time zone that rollups are made by, which is `zone` from the first fold on; None before that."""
    held: str | None = await connection.fetchval(_ZONE)
    if held is None and zone is not None:
        await connection.execute(_TAKE_ZONE, zone)
        held = await connection.fetchval(_ZONE)
    return held


async def fold_horizon(connection: Connection, source: str) -> Horizon:
    """What of a source whose rows stay is to be folded; asked once its lock is held."""
    row = await connection.fetchrow(_HORIZON, source)
    assert row is not None
    return Horizon(row["folded_below"], row["foldable_below"])


async def note_fold(connection: Connection, source: str, folded_below: str | None = None) -> None:
    """Say that a source is folded: all rows of transactions below this one, or all that it had."""
    await connection.execute(_NOTE_FOLD, source, folded_below)


async def folded_sources(connection: Connection) -> dict[str, Folded]:
    """How far each source is folded."""
    return {row["source"]: Folded(*row) for row in await connection.fetch(_FOLDED)}
