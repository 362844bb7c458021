"""A process that runs Spark's stream of windows, until it is asked to end or whoever started it is gone.

Source: docs/spec/market-analysis.md#spark.
"""

import asyncio
import logging
import signal
import sys

import msgspec
import structlog
import uvloop

from quote_service.intelligence.market_analysis.model.process_order import StreamOrder
from quote_service.intelligence.market_analysis.operations.engines.engine import EngineFailed, NotInstalled
from quote_service.intelligence.market_analysis.operations.run_market_stream import (
    StreamFailed,
    StreamLost,
    run_market_stream,
)
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.arithmetic_process import give_way
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.telemetry.logs import configure_logs

_STATEMENT_SECONDS = 60.0

_log = structlog.get_logger(__name__)


def main() -> None:
    """Run by the order on standard input; exit status 1 where it failed."""
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=StreamOrder)
    give_way(order.niceness)
    configure_logs(order.settings.log_level)
    raise SystemExit(run_stream_process(order.settings, until_parent_ends=True))


def _keep_bridge_quiet() -> None:
    """Without the lines that the bridge to the JVM writes for each batch."""
    logging.getLogger("py4j").setLevel(logging.WARNING)


def run_stream_process(settings: Settings, *, until_parent_ends: bool = False) -> int:
    """Run until SIGTERM or SIGINT; the exit status.

    Args:
        settings: Of which `stream_refusal` says nothing.
        until_parent_ends: End when standard input does, too.
    """
    _keep_bridge_quiet()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_run(settings, until_parent_ends=until_parent_ends))


async def _run(settings: Settings, *, until_parent_ends: bool) -> int:
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stopped.set)
    if until_parent_ends:
        loop.add_reader(sys.stdin.fileno(), stopped.set)  # nothing more comes but its end
    database = await Database.open(
        settings.database_url, connections_max=6, acquire_seconds=30.0, statement_seconds=_STATEMENT_SECONDS
    )
    try:
        await run_market_stream(database, settings, stopped)
    except (NotInstalled, EngineFailed, StreamFailed, StreamLost, Unavailable) as failure:
        _log.error("market_stream_failed", reason=str(failure))
        return 1
    finally:
        await database.close()
    return 0


if __name__ == "__main__":
    main()
