"""The loop of every process that shows open sales: read them twice a second while anybody listens, once for all.

Source: docs/spec/flash-sales.md#open-sales-as-they-go.
"""

import asyncio

from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import FlashSaleRuntime
from quote_service.selling.flash_sales.operations.sales.open_sale_news import OpenSaleNews

READ_SECONDS = 0.5


async def watch_open_sales(runtime: FlashSaleRuntime, news: OpenSaleNews) -> None:
    """Read again and again while anybody listens; never returns."""
    while True:
        end_if_cancelled()
        await news.listeners.wanted.wait()
        await news.read(runtime)
        await asyncio.sleep(READ_SECONDS)
