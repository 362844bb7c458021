"""A process that works out one analysis of the market, or until whoever started it is gone.

Source: docs/spec/market-analysis.md#runs.
"""

import asyncio
import os
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
import uvloop

from quote_service.intelligence.market_analysis.model.process_order import AnalysisOrder
from quote_service.intelligence.market_analysis.operations.engines.engine import EngineFailed, NotInstalled
from quote_service.intelligence.market_analysis.operations.run_analysis import AnalysisTerms, run_analysis
from quote_service.platform.system.arithmetic_process import give_way
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.telemetry.logs import configure_logs
from quote_service.serving.processes.arithmetic import asked_to_end, database_of_arithmetic, read_order

_log = structlog.get_logger(__name__)


def main() -> None:
    """Run until it is done, or not wanted any more."""
    order = read_order(AnalysisOrder)
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
    stopped = asked_to_end()
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
    terms = AnalysisTerms(
        ZoneInfo(order.zone),
        order.engine,
        order.memory_mb,
        order.spark_master,
        order.spark_partitions,
        Path(order.folder) if order.folder else None,
    )
    try:
        async with database_of_arithmetic(order.database_url) as database:
            done = await run_analysis(database, terms, order.scope)
        if done.run_id is not None:
            _log.info("market_analysed", scope=order.scope, products=done.products, written=done.written)
    except (Unavailable, NotInstalled, EngineFailed) as failure:
        _log.warning("market_not_analysed", reason=str(failure))


if __name__ == "__main__":
    main()
