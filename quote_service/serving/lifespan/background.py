"""What a background process opens: the way of flash sales, and no rulebook, no callers, no way of a quote.

A million commission rates are hundreds of megabytes, and nothing that runs here asks for one of them.

Source: docs/spec/operations.md#production.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from quote_service.identity.health.readiness import HealthChecks, Probe
from quote_service.platform.event_bus.operations.measure_bus import check_bus
from quote_service.platform.postgres.ping import ping_database
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.due_work import DueWork
from quote_service.platform.system.parts import Parts
from quote_service.platform.system.supervisor import Supervisor
from quote_service.platform.system.traces import BACKGROUND
from quote_service.platform.telemetry.registry import Registry
from quote_service.selling.flash_sales.loops.sale_items import watch_sale_items
from quote_service.selling.flash_sales.loops.stock_server import watch_stock_server
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import FlashSaleRuntime
from quote_service.serving.lifespan.figures import (
    register_background_figures,
    register_flash_figures,
    register_loop_figures,
    register_shared_figures,
)
from quote_service.serving.lifespan.platform import open_platform, open_traces
from quote_service.shop.reservations.operations.reservation_meters import ReservationMeters


@asynccontextmanager
async def open_background(settings: Settings) -> AsyncIterator[Parts]:
    """Open the parts of one background process, run what keeps them current, and close all of it at the end."""
    async with AsyncExitStack() as stack:
        parts = await open_platform(stack, settings, None, 0)
        traces = await open_traces(stack, settings, parts[Registry])
        if traces is not None:
            parts.add(traces)
            BACKGROUND.set(traces)
        database, flash = parts[Database], parts[FlashSaleRuntime]
        register_background_figures(parts)
        register_flash_figures(parts)
        register_shared_figures(parts)
        parts.add(ReservationMeters(parts[Registry]))
        checks = HealthChecks(
            Probe("postgres", lambda: ping_database(database)),
            Probe("stock_redis", flash.check_stock),
            Probe("event_bus", lambda: check_bus(database)),
        )
        checks.gauges["postgres"] = lambda: {"connections": database.connections, "in_use": database.connections_in_use}
        parts.add(checks)
        supervisor = Supervisor()
        checks.supervisors.append(supervisor)
        register_loop_figures(parts)
        stack.push_async_callback(supervisor.stop)
        supervisor.start("publish_figures", parts[Registry].keep_publishing)
        work = DueWork()
        parts.add(work)
        pause = work.occasion("flash_sale_items").pause
        supervisor.start("flash_sale_items", lambda: watch_sale_items(flash, pause=pause))
        supervisor.start("stock_server", lambda: watch_stock_server(flash))
        yield parts
