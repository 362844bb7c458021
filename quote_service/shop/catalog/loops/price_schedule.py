"""The loop that does scheduled price changes.

Source: docs/spec/catalog.md#scheduled-changes.
"""

import asyncio

import structlog

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.platform.system.due_work import Pause, pause_until
from quote_service.platform.system.errors import Unavailable
from quote_service.shop.catalog.operations.run_price_schedule import do_next_change, seconds_until_change

ROUND_SECONDS = 0.5

_log = structlog.get_logger(__name__)


async def run_price_schedule(
    database: Database, *, round_seconds: float = ROUND_SECONDS, pause: Pause = asyncio.sleep
) -> None:
    """Go round again and again, earlier where a change is about to be due; never returns."""
    away = ""
    while True:
        end_if_cancelled()
        due = None
        try:
            while (done := await do_next_change(database)) is not None:
                _log.info("price_changed_by_schedule", change_id=str(done.id), status=done.status)
            due = await seconds_until_change(database)
            away = ""
        except Unavailable as failure:
            if away != failure.detail:
                _log.warning("price_schedule_not_run", reason=failure.detail)
            away = failure.detail
        await pause_until(due, round_seconds, pause)
