"""Loops of every process that sells: refresh the items on sale, and add counted refusals to the figures.

Source: docs/spec/flash-sales.md#sale-prices-in-quotes.
"""

import asyncio

import structlog

from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.platform.system.due_work import Pause
from quote_service.platform.system.errors import Unavailable
from quote_service.selling.flash_sales.operations.buying.report_refusals import report_refusals
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import FlashSaleRuntime

REFRESH_SECONDS = 0.5

_log = structlog.get_logger(__name__)


async def watch_sale_items(
    runtime: FlashSaleRuntime, *, refresh_seconds: float = REFRESH_SECONDS, pause: Pause = asyncio.sleep
) -> None:
    """Do both again and again, side by side, so that a slow Redis makes no price old; never returns."""
    async with asyncio.TaskGroup() as both:
        both.create_task(_refresh_items(runtime, refresh_seconds, pause), name="refresh the items on sale")
        both.create_task(_report(runtime, refresh_seconds), name="report refusals of sales")


async def _refresh_items(runtime: FlashSaleRuntime, refresh_seconds: float, pause: Pause) -> None:
    is_away = False
    while True:
        end_if_cancelled()
        try:
            await runtime.item_cache.refresh()
            is_away = False
        except Unavailable as failure:
            if not is_away:
                _log.warning("flash_sale_items_not_refreshed", reason=failure.detail)
            is_away = True
        # With nothing on sale there is nothing to keep current.
        await (asyncio.sleep if runtime.item_cache.items else pause)(refresh_seconds)


async def _report(runtime: FlashSaleRuntime, refresh_seconds: float) -> None:
    while True:
        end_if_cancelled()
        await report_refusals(runtime)
        await asyncio.sleep(refresh_seconds)
