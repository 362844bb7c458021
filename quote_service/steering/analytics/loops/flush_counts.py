"""The loop of every process that quotes: write down what it has counted, each second.

Source: docs/spec/analytics.md#quotes.
"""

import asyncio

import structlog

from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.system.instants import SECOND_US
from quote_service.steering.analytics.operations.flush_counts import CountFlusher

_log = structlog.get_logger(__name__)


async def write_last_counts(flusher: CountFlusher) -> None:
    """At the end of a process, when it answers no more: write what is left, or say what is lost."""
    try:
        while not flusher.is_done:
            await flusher.write(now_us())
    except Unavailable as failure:
        _log.warning("quote_counts_lost", answers=flusher.give_up(), reason=failure.detail)


async def flush_counts(flusher: CountFlusher) -> None:
    """Write at the end of every second of the clock, so that each is counted in its own minute; never returns."""
    is_away = False
    while True:
        end_if_cancelled()
        await asyncio.sleep((SECOND_US - now_us() % SECOND_US) / SECOND_US)
        try:
            await flusher.write(now_us())
            is_away = False
        except Unavailable as failure:
            if not is_away:
                _log.warning("quote_counts_not_written", reason=failure.detail)
            is_away = True
