"""Runs of the loop as rows: one at a time, and whoever lost it writes nothing more.

Source: docs/spec/price-decisions.md#runs.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from quote_service.intelligence.price_decisions.model.decisions import RunRecord
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.platform.system.errors import Conflict, NotFound

_QUERIES = load_queries(__file__, "runs")
_IS_DUE = _QUERIES["run_is_due"]
_ABANDON = _QUERIES["abandon_runs"]
_BEGIN = _QUERIES["begin_run"]
_KEEP = _QUERIES["keep_run"]
_FINISH = _QUERIES["finish_run"]
_INSERT_PAST = _QUERIES["insert_past_run"]
_PAGE = _QUERIES["page_of_runs"]
_FORGET = _QUERIES["forget_runs"]
_IS_RUN = _QUERIES["is_run"]
_SECONDS_SINCE = _QUERIES["seconds_since_run"]

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


async def run_is_due(connection: Connection, interval_seconds: float) -> bool:
    """Whether it is time for a run that nobody is at."""
    return bool(await connection.fetchval(_IS_DUE, interval_seconds, CLAIM_SECONDS))


async def begin_run(connection: Connection, run: Run, model_id: UUID | None) -> bool:
    """Begin a run; False where another process was quicker. One that was abandoned is over first."""
    await connection.execute(_ABANDON, CLAIM_SECONDS)
    return await connection.fetchval(_BEGIN, run.id, run.claim, CLAIM_SECONDS, model_id) is not None


async def keep_run(connection: Connection, run: Run) -> None:
    """Make sure, inside the transaction of an effect, that the run is still this process's.

    Raises:
        RunLost: It is not.
    """
    if await connection.fetchval(_KEEP, run.id, run.claim, CLAIM_SECONDS) is None:
        raise RunLost("Another process has taken the run over")


async def finish_run(connection: Connection, run: Run, counts: RunCounts) -> None:
    """Write down what a run came to.

    Raises:
        RunLost: It is another process's by now.
    """
    if await connection.fetchval(_FINISH, run.id, run.claim, *counts) is None:
        raise RunLost("Another process has taken the run over")


async def insert_past_run(
    connection: Connection, run: Run, at: datetime, model_id: UUID | None, counts: RunCounts
) -> None:
    """Write down a run of the past with what it came to."""
    await connection.execute(_INSERT_PAST, run.id, run.claim, at, model_id, *counts)


async def page_of_runs(connection: Connection, *, before: UUID | None, limit: int) -> list[RunRecord]:
    """Up to `limit` runs, newest first, from below `before`."""
    return [RunRecord(**dict(row)) for row in await connection.fetch(_PAGE, before, limit)]


async def require_run(connection: Connection, run_id: UUID) -> None:
    """Return where there is such a run.

    Raises:
        NotFound: There is none, or it was long ago.
    """
    if not await connection.fetchval(_IS_RUN, run_id):
        raise NotFound("There is no such run")


async def forget_runs(connection: Connection, days: int) -> None:
    """Remove runs of long ago."""
    await connection.execute(_FORGET, days)


async def seconds_since_run(connection: Connection) -> float | None:
    """How long ago the last run that ended began; None before the first."""
    seconds: float | None = await connection.fetchval(_SECONDS_SINCE)
    return seconds
