"""A process that works on replays until none waits, or until whoever started it is gone.

Source: docs/spec/replay.md#processes.
"""

import asyncio
import gc
import signal
import sys
from contextlib import AsyncExitStack

import msgspec
import structlog
import uvloop

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.arithmetic_process import give_way
from quote_service.platform.system.cancellation import end_tasks
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.telemetry.logs import configure_logs
from quote_service.quotes.routes.reading.decode_basket import decode_kept_basket
from quote_service.steering.replay.model.process_order import ProcessOrder
from quote_service.steering.replay.operations.run_replay import ReplayBounds, run_next_replay

COLLECT_AFTER_OBJECTS = 50_000
# A range of years of which one quote in a million is drawn is a long statement.
_STATEMENT_SECONDS = 300.0
# Of the lowest priority, it may be a while until it can take a connection.
_ACQUIRE_SECONDS = 30.0

_log = structlog.get_logger(__name__)


def main() -> None:
    """Run until there is nothing to do."""
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=ProcessOrder)
    give_way()
    gc.set_threshold(COLLECT_AFTER_OBJECTS, 10, 10)
    configure_logs(order.log_level)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(order))


async def _run(order: ProcessOrder) -> None:
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stopped.set)
    loop.add_reader(sys.stdin.fileno(), stopped.set)  # nothing more comes but its end
    work = asyncio.create_task(_work(order))
    stopping = asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait((work, stopping), return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            work.result()
    finally:
        loop.remove_reader(sys.stdin.fileno())
        await end_tasks((work, stopping))


async def _work(order: ProcessOrder) -> None:
    async with AsyncExitStack() as stack:
        if order.otlp_endpoint:
            # Here, because a process that exports nothing shall not pay for the SDK.
            from quote_service.platform.telemetry.otlp import trace_background

            otlp = trace_background(order.otlp_endpoint, order.trace_sample_ratio)
            stack.push_async_callback(asyncio.to_thread, otlp.close)
        await _replay(order)


async def _replay(order: ProcessOrder) -> None:
    database = await Database.open(
        order.database_url,
        connections_max=3,
        acquire_seconds=_ACQUIRE_SECONDS,
        statement_seconds=_STATEMENT_SECONDS,
        lock_seconds=_STATEMENT_SECONDS,
    )
    try:
        while (done := await run_next_replay(database, decode_kept_basket, ReplayBounds(order.quotes_max))) is not None:
            _log.info("replay_left", replay_id=str(done))
    except Unavailable as away:
        _log.warning("replay_not_finished", reason=away.detail)
    finally:
        await database.close()


if __name__ == "__main__":
    main()
