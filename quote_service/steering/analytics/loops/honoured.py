"""The loop that holds accepted quotes against the prices of their acceptance.

Source: docs/spec/analytics.md#honoured-prices.
"""

import asyncio

import structlog

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.platform.system.due_work import Pause
from quote_service.platform.system.errors import Unavailable
from quote_service.steering.analytics.operations.check_honoured import QUOTES_AT_ONCE, Decode, check_honoured

ROUND_SECONDS = 5.0

_log = structlog.get_logger(__name__)


async def run_honoured_check(
    database: Database, decode: Decode, *, round_seconds: float = ROUND_SECONDS, pause: Pause = asyncio.sleep
) -> None:
    """Go round again and again, at once where more waits; never returns."""
    away = ""
    while True:
        end_if_cancelled()
        taken = 0
        try:
            taken = await check_honoured(database, decode)
            away = ""
        except Unavailable as failure:
            if away != failure.detail:
                _log.warning("honoured_prices_not_checked", reason=failure.detail)
            away = failure.detail
        # A little pause all the same: quotes come first.
        await (pause(round_seconds) if taken < QUOTES_AT_ONCE else asyncio.sleep(0.05))
