"""Runs of the analysis: one at a time, each held by a lease that its process keeps.

Source: docs/spec/market-analysis.md#runs.
"""

from datetime import date
from uuid import UUID

from quote_service.intelligence.market_analysis.model.due import LastRuns
from quote_service.intelligence.market_analysis.model.runs import EngineName, MarketRun, Scope, Status
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries

_QUERIES = load_queries(__file__, "runs")
_LOCK = _QUERIES["lock_runs"]
_GIVE_UP_DEAD = _QUERIES["give_up_dead"]
_RUNNING = _QUERIES["running"]
_BEGIN = _QUERIES["begin"]
_KEEP = _QUERIES["keep"]
_HOLD = _QUERIES["hold"]
_END = _QUERIES["end"]
_NEWEST = _QUERIES["newest"]
_LAST_DONE = _QUERIES["last_done"]
_FORGET = _QUERIES["forget"]

# Without a word for so long a process is taken for dead, and the analysis is begun again.
LEASE_SECONDS = 30.0


async def begin_run(connection: Connection, run_id: UUID, scope: Scope, engine: EngineName, day: date) -> bool:
    """Begin a run, in a transaction; False where another one is at it."""
    await connection.execute(_LOCK)
    await connection.execute(_GIVE_UP_DEAD)
    if await connection.fetchval(_RUNNING) is not None:
        return False
    await connection.execute(_BEGIN, run_id, scope, engine, LEASE_SECONDS, day)
    return True


async def keep_run(connection: Connection, run_id: UUID) -> bool:
    """Say that the process is alive; False where the run is not its any more."""
    return await connection.fetchval(_KEEP, run_id, LEASE_SECONDS) is not None


async def hold_run(connection: Connection, run_id: UUID, products: int, written: int) -> bool:
    """Count what the transaction writes; False where the run is not this process's any more, and nothing may be written."""
    return await connection.fetchval(_HOLD, run_id, products, written) is not None


async def end_run(connection: Connection, run_id: UUID, status: Status, detail: str) -> None:
    """Note how a run ended; of one that was taken away nothing changes."""
    await connection.execute(_END, run_id, status, detail[:2000])
    await connection.execute(_FORGET)


async def newest_runs(connection: Connection, limit: int) -> list[MarketRun]:
    """The newest runs."""
    return [MarketRun(**dict(row)) for row in await connection.fetch(_NEWEST, limit)]


async def last_runs(connection: Connection) -> LastRuns:
    """What was done last."""
    row = await connection.fetchrow(_LAST_DONE)
    assert row is not None
    return LastRuns(*row)
