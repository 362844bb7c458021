"""A process that works on replays until none waits, or until whoever started it is gone.

Source: docs/spec/replay.md#processes.
"""

import asyncio
import gc
import sys
from contextlib import AsyncExitStack

import structlog
import uvloop

from quote_service.platform.system.arithmetic_process import give_way
from quote_service.platform.system.cancellation import end_tasks
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.telemetry.logs import configure_logs
from quote_service.quotes.reading.decode_basket import decode_kept_basket
from quote_service.serving.processes.arithmetic import asked_to_end, database_of_arithmetic, read_order
from quote_service.steering.replay.model.process_order import ProcessOrder
from quote_service.steering.replay.operations.run_replay import ReplayBounds, run_next_replay

COLLECT_AFTER_OBJECTS = 50_000

_log = structlog.get_logger(__name__)


def main() -> None:
    """Run until there is nothing to do."""
    order = read_order(ProcessOrder)
    give_way()
    gc.set_threshold(COLLECT_AFTER_OBJECTS, 10, 10)
    configure_logs(order.log_level)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(order))


async def _run(order: ProcessOrder) -> None:
    stopped = asked_to_end()
    work = asyncio.create_task(_work(order))
    stopping = asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait((work, stopping), return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            work.result()
    finally:
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
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
    try:
        async with database_of_arithmetic(order.database_url) as database:
            bounds = ReplayBounds(order.quotes_max)
            while (done := await run_next_replay(database, decode_kept_basket, bounds)) is not None:
                _log.info("replay_left", replay_id=str(done))
    except Unavailable as away:
        _log.warning("replay_not_finished", reason=away.detail)


if __name__ == "__main__":
    main()
