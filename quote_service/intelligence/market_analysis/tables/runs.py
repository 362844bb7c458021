"""Runs of the analysis: one at a time, each held by a lease that its process keeps.

Source: docs/spec/market-analysis.md#runs.
"""

from datetime import date
from uuid import UUID

from quote_service.intelligence.market_analysis.model.due import LastRuns
from quote_service.intelligence.market_analysis.model.runs import EngineName, MarketRun, Scope, Status
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "runs")

# Without a word for so long a process is taken for dead, and the analysis is begun again.
LEASE_SECONDS = 30.0


async def begin_run(connection: Connection, run_id: UUID, scope: Scope, engine: EngineName, day: date) -> bool:
    """Begin a run, in a transaction; False where another one is at it."""
    await connection.execute(STATEMENTS["lock_runs"])
    await connection.execute(STATEMENTS["give_up_dead"])
    if await connection.fetchval(STATEMENTS["running"]) is not None:
        return False
    await connection.execute(STATEMENTS["begin"], run_id, scope, engine, LEASE_SECONDS, day)
    return True


@STATEMENTS.query()
async def keep_run(connection: Connection, run_id: UUID, *, lease_seconds: float = LEASE_SECONDS) -> bool:
    """Say that the process is alive; False where the run is not its any more."""


@STATEMENTS.query()
async def hold_run(connection: Connection, run_id: UUID, products: int, written: int) -> bool:
    """Count what the transaction writes; False where the run is not this process's any more, and nothing may be written."""


async def end_run(connection: Connection, run_id: UUID, status: Status, detail: str) -> None:
    """Note how a run ended; of one that was taken away nothing changes."""
    await connection.execute(STATEMENTS["end"], run_id, status, detail[:2000])
    await connection.execute(STATEMENTS["forget"])


@STATEMENTS.query()
async def newest_runs(connection: Connection, limit: int) -> list[MarketRun]:
    """The newest runs."""


@STATEMENTS.query()
async def last_runs(connection: Connection) -> LastRuns:
    """What was done last."""
