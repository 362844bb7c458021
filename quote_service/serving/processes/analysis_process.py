"""A process that works out one analysis of the market, or until whoever started it is gone.

Source: docs/spec/market-analysis.md#runs.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import structlog
import uvloop

from quote_service.intelligence.market_analysis.model.process_order import AnalysisOrder
from quote_service.intelligence.market_analysis.operations.engines.engine import EngineFailed, NotInstalled
from quote_service.intelligence.market_analysis.operations.run_analysis import AnalysisTerms, run_analysis
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.arithmetic_process import give_way
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.telemetry.logs import configure_logs

# Of the lowest priority, and of years of prices: a statement may take long.
STATEMENT_SECONDS = 300.0
_ACQUIRE_SECONDS = 30.0

_log = structlog.get_logger(__name__)


def main() -> None:
    """Run until it is done, or not wanted any more."""
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=AnalysisOrder)
    give_way(order.niceness)
    configure_logs(order.log_level)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(order))
    # Without tidying up the interpreter, at which DuckDB's bindings write a page of leaks, true or not, into the log.
    _leave()


def _leave() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


async def _run(order: AnalysisOrder) -> None:
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stopped.set)
    loop.add_reader(sys.stdin.fileno(), stopped.set)  # nothing more comes but its end
    work = asyncio.create_task(_work(order))
    stopping = asyncio.create_task(stopped.wait())
    await asyncio.wait((work, stopping), return_when=asyncio.FIRST_COMPLETED)
    if not work.done():
        # An engine in the middle of a statement cannot be asked to stop; nothing of it is half written, and the next run
        # begins it again.
        _leave()
    stopping.cancel()
    work.result()


async def _work(order: AnalysisOrder) -> None:
    database = await Database.open(
        order.database_url,
        connections_max=3,
        acquire_seconds=_ACQUIRE_SECONDS,
        statement_seconds=STATEMENT_SECONDS,
        lock_seconds=STATEMENT_SECONDS,
    )
    terms = AnalysisTerms(
        ZoneInfo(order.zone),
        order.engine,
        order.memory_mb,
        order.spark_master,
        order.spark_partitions,
        Path(order.folder) if order.folder else None,
    )
    try:
        done = await run_analysis(database, terms, order.scope)
        if done.run_id is not None:
            _log.info("market_analysed", scope=order.scope, products=done.products, written=done.written)
    except (Unavailable, NotInstalled, EngineFailed) as failure:
        _log.warning("market_not_analysed", reason=str(failure))
    finally:
        await database.close()


if __name__ == "__main__":
    main()
