"""The loop that looks at the settings of the Redis that holds stock, and warns where it may forget what was sold.

Source: docs/spec/flash-sales.md#stock-server.
"""

import asyncio

import structlog

from quote_service.platform.system.cancellation import end_if_cancelled
from quote_service.platform.system.errors import Unavailable
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import FlashSaleRuntime
from quote_service.selling.flash_sales.tables.stock_server import why_forgetful

LOOK_SECONDS = 5.0

_log = structlog.get_logger(__name__)


async def watch_stock_server(runtime: FlashSaleRuntime, *, look_seconds: float = LOOK_SECONDS) -> None:
    """Look again and again, since settings change and a failover brings another server; never returns."""
    while True:
        end_if_cancelled()
        try:
            found = await why_forgetful(runtime.library.client)
        except Unavailable:
            found = runtime.stock_warning  # nothing new is known of it
        if found != runtime.stock_warning:
            if found:
                _log.error("stock_redis_unsafe", reason=found, setting="QUOTE_STOCK_REDIS_URL")
            else:
                _log.info("stock_redis_safe")
        runtime.stock_warning = found
        await asyncio.sleep(look_seconds)
