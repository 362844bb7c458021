"""Who folds a source, and how far it has been folded.

Source: docs/spec/analytics.md#rollups.
"""

from datetime import datetime
from typing import NamedTuple

from quote_service.platform.postgres.long_transactions import allow_long_transaction
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.steering.analytics.tables.rollups import FOLD_SECONDS_MAX

STATEMENTS = Statements(__file__, "folds")


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
    if not await connection.fetchval(STATEMENTS["try_lock_fold"], source):
        return False
    await allow_long_transaction(
        connection, statement_seconds=int(FOLD_SECONDS_MAX), transaction_seconds=10 * int(FOLD_SECONDS_MAX)
    )
    return True


async def rollup_zone(connection: Connection, zone: str | None = None) -> str | None:
    """The time zone that rollups are made by, which is `zone` from the first fold on; None before that."""
    held: str | None = await connection.fetchval(STATEMENTS["zone"])
    if held is None and zone is not None:
        await connection.execute(STATEMENTS["take_zone"], zone)
        held = await connection.fetchval(STATEMENTS["zone"])
    return held


@STATEMENTS.query()
async def fold_horizon(connection: Connection, source: str) -> Horizon:
    """What of a source whose rows stay is to be folded; asked once its lock is held."""


@STATEMENTS.query()
async def note_fold(connection: Connection, source: str, folded_below: str | None = None) -> None:
    """Say that a source is folded: all rows of transactions below this one, or all that it had."""


@STATEMENTS.query(key="source")
async def folded_sources(connection: Connection) -> dict[str, Folded]:
    """How far each source is folded."""
