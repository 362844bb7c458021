"""Runs of the loop as rows: one at a time, and whoever lost it writes nothing more.

Source: docs/spec/price-decisions.md#runs.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from quote_service.intelligence.price_decisions.model.decisions import RunRecord
from quote_service.platform.postgres.listed_rows import ListedRows
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.errors import Conflict

STATEMENTS = Statements(__file__, "runs")

CLAIM_SECONDS = 60.0


class RunLost(Conflict):
    """Another process has taken the run over."""

    code = "run-lost"
    title = "Run lost"


class Run(NamedTuple):
    """A run that this process is at."""

    id: UUID
    claim: UUID


class RunCounts(NamedTuple):
    """What a run came to."""

    products: int
    applied: int
    suggested: int
    shadowed: int
    held: int
    unchanged: int
    failed: int
    breaker_open: bool


@STATEMENTS.query()
async def run_is_due(connection: Connection, interval_seconds: float, *, claim_seconds: float = CLAIM_SECONDS) -> bool:
    """Whether it is time for a run that nobody is at."""


async def begin_run(connection: Connection, run: Run, model_id: UUID | None) -> bool:
    """Begin a run; False where another process was quicker. One that was abandoned is over first."""
    await connection.execute(STATEMENTS["abandon_runs"], CLAIM_SECONDS)
    return await connection.fetchval(STATEMENTS["begin_run"], run.id, run.claim, CLAIM_SECONDS, model_id) is not None


async def keep_run(connection: Connection, run: Run) -> None:
    """Make sure, inside the transaction of an effect, that the run is still this process's.

    Raises:
        RunLost: It is not.
    """
    if await connection.fetchval(STATEMENTS["keep_run"], run.id, run.claim, CLAIM_SECONDS) is None:
        raise RunLost("Another process has taken the run over")


async def finish_run(connection: Connection, run: Run, counts: RunCounts) -> None:
    """Write down what a run came to.

    Raises:
        RunLost: It is another process's by now.
    """
    if await connection.fetchval(STATEMENTS["finish_run"], run.id, run.claim, *counts) is None:
        raise RunLost("Another process has taken the run over")


async def insert_past_run(
    connection: Connection, run: Run, at: datetime, model_id: UUID | None, counts: RunCounts
) -> None:
    """Write down a run of the past with what it came to."""
    await connection.execute(STATEMENTS["insert_past_run"], run.id, run.claim, at, model_id, *counts)


@STATEMENTS.query(missing="There is no such run")
async def require_run(connection: Connection, run_id: UUID) -> None:
    """Return where there is such a run.

    Raises:
        NotFound: There is none, or it was long ago.
    """


@STATEMENTS.query()
async def forget_runs(connection: Connection, days: int) -> None:
    """Remove runs of long ago."""


@STATEMENTS.query()
async def seconds_since_run(connection: Connection) -> float | None:
    """How long ago the last run that ended began; None before the first."""


RUN_ROWS = ListedRows(
    RunRecord,
    STATEMENTS["runs"],
    order="-id",
    sorts=("started_at", "finished_at", "products", "applied", "failed"),
)
