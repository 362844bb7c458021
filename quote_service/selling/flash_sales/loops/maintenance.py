"""The loop that moves sales by the clock, lets holds expire, and keeps Redis as PostgreSQL knows it.

Source: docs/spec/flash-sales.md#repair.
"""

import asyncio

import structlog

from quote_service.platform.system.due_work import Pause
from quote_service.platform.system.rounds import repeat_rounds
from quote_service.selling.flash_sales.operations.recording.expire_purchases import expire_purchases
from quote_service.selling.flash_sales.operations.recording.notify_redis import notify_redis
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import FlashSaleRuntime
from quote_service.selling.flash_sales.operations.sales.run_schedule import run_schedule, seconds_until_due
from quote_service.selling.flash_sales.operations.upkeep.maintain_items import maintain_items

ROUND_SECONDS = 0.5

_log = structlog.get_logger(__name__)


async def maintain_flash_sales(
    runtime: FlashSaleRuntime, *, round_seconds: float = ROUND_SECONDS, pause: Pause = asyncio.sleep
) -> None:
    """Go round again and again, earlier where a sale is about to begin or end; never returns."""

    async def work() -> float | None:
        for sale_id in await run_schedule(runtime.database):
            _log.info("flash_sale_moved_by_clock", sale_id=str(sale_id))
        await runtime.item_cache.refresh()
        await expire_purchases(runtime.database)
        unkept = await maintain_items(runtime)
        await notify_redis(runtime.database, runtime.upkeep)
        due = await seconds_until_due(runtime.database)
        if unkept is not None:
            raise unkept
        return due

    async def rest(seconds: float) -> None:
        # What is on sale is compared with Redis in each round.
        await (asyncio.sleep if runtime.item_cache.items else pause)(seconds)

    await repeat_rounds("flash_sale_maintenance_failed", work, round_seconds, rest, unavailable_seconds=round_seconds)
