"""What every process opens, whatever it is for: settings, PostgreSQL, figures, traces, and flash sales' way to their Redis.

Nothing here waits for PostgreSQL or Redis: a process starts while they are unavailable, and says so in its health.

Source: docs/spec/operations.md#health.
"""

import asyncio
from contextlib import AsyncExitStack

from quote_service.platform.postgres.pool import Database
from quote_service.platform.redis_store.connection import RedisClient, open_redis
from quote_service.platform.settings import Settings
from quote_service.platform.system.lifecycle import Lifecycle
from quote_service.platform.system.new_ids import new_id
from quote_service.platform.system.parts import Parts
from quote_service.platform.system.traces import Traces
from quote_service.platform.telemetry.registry import Registry
from quote_service.platform.telemetry.slots import Slots
from quote_service.selling.flash_sales.operations.runtime.flash_meters import FlashMeters
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import open_flash_sale_runtime

# Longer than a quote waits for Redis: what a purchase has begun there is not given up at the first delay.
_STOCK_TIMEOUT_MS = 500


async def open_platform(stack: AsyncExitStack, settings: Settings, slots: Slots | None, index: int) -> Parts:
    """Open settings, life cycle, PostgreSQL, figures and the runtime of flash sales; the stack closes them."""
    database = await Database.open(
        settings.database_url,
        connections_max=settings.database_connections,
        statement_seconds=settings.database_timeout_ms / 1000,
    )
    stack.push_async_callback(database.close)
    registry = Registry(slots, index)
    stack.callback(registry.publish)
    parts = Parts(settings, Lifecycle(), database, registry)
    flash = open_flash_sale_runtime(database, open_stock_redis(stack, settings), FlashMeters(registry))
    stack.push_async_callback(flash.close)
    parts.add(flash)
    return parts


def open_stock_redis(stack: AsyncExitStack, settings: Settings) -> RedisClient:
    """The Redis that holds stock; the stack closes it."""
    stock_redis = open_redis(settings.stock_redis_url or settings.redis_url, _STOCK_TIMEOUT_MS)
    stack.push_async_callback(stock_redis.aclose)
    return stock_redis


async def open_traces(stack: AsyncExitStack, settings: Settings, registry: Registry) -> Traces | None:
    """Start what goes to the collector; None where none is named."""
    if not settings.otlp_endpoint:
        return None
    # Here, because a process that exports nothing shall not pay half a second and 20 MB for the SDK.
    from quote_service.platform.telemetry.otlp import Otlp

    otlp = Otlp(settings.otlp_endpoint, registry, instance_id=new_id(), interval_seconds=settings.otlp_interval_seconds)
    # It may wait for the network, while the loop still has to answer for figures that are read in it.
    stack.push_async_callback(asyncio.to_thread, otlp.close)
    stack.callback(registry.publish)  # before that, so that the last figures are sent as they are
    return Traces(otlp, settings.trace_sample_ratio)
