"""The loop that does scheduled price changes.

Source: docs/spec/catalog.md#scheduled-changes.
"""

import asyncio

import structlog

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.due_work import Pause
from quote_service.platform.system.rounds import repeat_rounds
from quote_service.shop.catalog.operations.run_price_schedule import do_next_change, seconds_until_change

ROUND_SECONDS = 0.5

_log = structlog.get_logger(__name__)


async def run_price_schedule(
    database: Database, *, round_seconds: float = ROUND_SECONDS, pause: Pause = asyncio.sleep
) -> None:
    """Go round again and again, earlier where a change is about to be due; never returns."""

    async def work() -> float | None:
        while (done := await do_next_change(database)) is not None:
            _log.info("price_changed_by_schedule", change_id=str(done.id), status=done.status)
        return await seconds_until_change(database)

    await repeat_rounds("price_schedule_not_run", work, round_seconds, pause)
