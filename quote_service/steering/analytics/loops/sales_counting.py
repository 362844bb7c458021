"""The loop that counts what was accepted, ordered and given back.

Source: docs/spec/analytics.md#orders.
"""

import asyncio

import structlog

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.due_work import Pause
from quote_service.platform.system.rounds import more_if, repeat_rounds
from quote_service.steering.analytics.operations.count_sales import SOURCES_AT_ONCE, count_sales

ROUND_SECONDS = 1.0

_log = structlog.get_logger(__name__)


async def run_sales_counting(
    database: Database, time_zone: str, *, round_seconds: float = ROUND_SECONDS, pause: Pause = asyncio.sleep
) -> None:
    """Count again and again, at once while there is much; never returns."""

    async def work() -> float | None:
        return more_if(await count_sales(database, time_zone) >= SOURCES_AT_ONCE)

    await repeat_rounds("sales_not_counted", work, round_seconds, pause)
