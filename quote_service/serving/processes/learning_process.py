"""A process that learns demand once, or until whoever started it is gone.

Source: docs/spec/price-decisions.md#models.
"""

import asyncio
import os
import signal
import sys
import threading

import structlog
import uvloop

from quote_service.intelligence.price_decisions.model.learning_order import LearningOrder
from quote_service.intelligence.price_decisions.operations.learn_demand import LearningTerms, learn_if_due
from quote_service.platform.system.arithmetic_process import give_way
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.telemetry.logs import configure_logs
from quote_service.serving.processes.arithmetic import database_of_arithmetic, read_order

_log = structlog.get_logger(__name__)


def main() -> None:
    """Learn where it is time."""
    order = read_order(LearningOrder)
    give_way()
    configure_logs(order.log_level)
    # Learning does not look up: nothing is kept before its end, so it may be ended at any moment.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_learn(order))


def _end_with_parent() -> None:
    # Nothing more comes but its end. Not by the buffer, whose lock would be asked for again when Python ends.
    os.read(sys.stdin.fileno(), 1)
    os._exit(0)


async def _learn(order: LearningOrder) -> None:
    try:
        terms = LearningTerms(order.days, order.interval_seconds, order.zone, with_behaviour=order.with_behaviour)
        async with database_of_arithmetic(order.database_url) as database:
            learnt = await learn_if_due(database, terms)
        _log.info("demand_learnt", model_id=None if learnt is None else str(learnt))
    except Unavailable as away:
        _log.warning("demand_not_learnt", reason=away.detail)


if __name__ == "__main__":
    main()
