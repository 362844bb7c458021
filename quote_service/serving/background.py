"""The process of `quote-service worker`: the loops that are to run once and not in every web worker.

Any number may run; each loop takes its turns under locks of its own in PostgreSQL or Redis.

Source: spec 9.
"""

import asyncio
import signal

import structlog
import uvloop

from quote_service.api.runtime import Runtime
from quote_service.lifespan import open_runtime
from quote_service.settings import Settings
from quote_service.workers.access_sweep import sweep_access
from quote_service.workers.flash_sale_keeper import keep_flash_sales
from quote_service.workers.flash_sale_recorder import run_recorder
from quote_service.workers.supervisor import Supervisor

_log = structlog.get_logger(__name__)


def start_background_loops(supervisor: Supervisor, runtime: Runtime) -> None:
    """Start every loop of the background; each further loop is started here."""
    supervisor.start("access_sweep", lambda: sweep_access(runtime.database))
    settings = runtime.settings
    supervisor.start("flash_sale_keeper", lambda: keep_flash_sales(runtime.flash))
    supervisor.start(
        "flash_sale_recorder", lambda: run_recorder(runtime.flash, settings.stock_redis_url or settings.redis_url)
    )


def run_background(settings: Settings) -> None:
    """Run the loops until SIGTERM or SIGINT."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(settings))


async def _run(settings: Settings) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stopped.set)
    async with open_runtime(settings) as runtime:
        supervisor = Supervisor()
        start_background_loops(supervisor, runtime)
        _log.info("background_started", loops=sorted(supervisor.running()))
        try:
            await stopped.wait()
        finally:
            await supervisor.stop()
