"""The loop that holds accepted quotes against the prices of their acceptance.

Source: docs/spec/analytics.md#honoured-prices.
"""

import asyncio

import structlog

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.due_work import Pause
from quote_service.platform.system.rounds import repeat_rounds
from quote_service.steering.analytics.operations.check_honoured import QUOTES_AT_ONCE, Decode, check_honoured

ROUND_SECONDS = 5.0

_log = structlog.get_logger(__name__)


async def run_honoured_check(
    database: Database, decode: Decode, *, round_seconds: float = ROUND_SECONDS, pause: Pause = asyncio.sleep
) -> None:
    """Go round again and again, at once where more waits; never returns."""

    async def work() -> float | None:
        # A little pause all the same: quotes come first.
        return 0.05 if await check_honoured(database, decode) >= QUOTES_AT_ONCE else None

    await repeat_rounds("honoured_prices_not_checked", work, round_seconds, pause)
