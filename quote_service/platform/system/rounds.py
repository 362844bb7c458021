"""The rounds of a loop of the background: work, wait, again, and one warning where a server is unavailable.

Source: docs/spec/operations.md#idle.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.platform.system.due_work import Pause, pause_until
from quote_service.platform.system.errors import QuoteServiceError, Unavailable

#: What a round returns that has left work behind.
AT_ONCE = 0.0

_log = structlog.get_logger(__name__)


async def repeat_rounds(
    failed: str,
    work: Callable[[], Awaitable[float | None]],
    round_seconds: float,
    pause: Pause = asyncio.sleep,
    *,
    refusals: type[QuoteServiceError] = Unavailable,
    unavailable_seconds: float | None = None,
    **fields: object,
) -> None:
    """Do rounds for as long as the process runs; never returns.

    Args:
        failed: The warning that is logged where a round is refused, once for each reason, with `fields`.
        work: One round; returns in how many seconds the next is due, AT_ONCE where there is more, None where nothing is known.
        round_seconds: From a round to the next at most.
        pause: Waits between rounds where nothing is due.
        refusals: What ends a round and no more.
        unavailable_seconds: How long to sleep after such a round; by default as after any other.
    """
    reason = ""
    while True:
        end_if_cancelled()
        due: float | None = None
        try:
            due = await work()
            reason = ""
        except refusals as refusal:
            if refusal.detail != reason:
                _log.warning(failed, reason=refusal.detail, **fields)
            reason = refusal.detail
        if reason and unavailable_seconds is not None:
            await asyncio.sleep(unavailable_seconds)
        elif due != AT_ONCE:
            await pause_until(due, round_seconds, pause)


def more_if(is_more: bool) -> float | None:
    """What a round returns that has left work behind if so."""
    return AT_ONCE if is_more else None
