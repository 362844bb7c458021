"""The process of `quote-service worker`: the loops that are to run once and not in every web worker.

Any number may run; each loop takes its turns under locks of its own in PostgreSQL or Redis.

Source: spec 9.
"""

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator, Generator

import structlog
import uvicorn
import uvloop

from quote_service.api.runtime import Runtime
from quote_service.app import create_background_asgi
from quote_service.lifespan import open_runtime
from quote_service.serving.sockets import bind_sockets
from quote_service.settings import Settings
from quote_service.system.crash_points import arm_in_development
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
    """Run the loops until SIGTERM or SIGINT.

    Raises:
        CannotListen: The port for its figures is taken.
    """
    arm_in_development(is_development=settings.development)
    port = settings.worker_metrics_port
    listening = bind_sockets(settings.host, port, 1)[0] if port else None
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(settings, listening))


async def _run(settings: Settings, listening: socket.socket | None) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stopped.set)
    async with open_runtime(settings) as runtime:
        supervisor = Supervisor()
        start_background_loops(supervisor, runtime)
        _log.info("background_started", loops=sorted(supervisor.running()))
        try:
            async with _figures_served(runtime, listening):
                await stopped.wait()
        finally:
            await supervisor.stop()


class _FiguresServer(uvicorn.Server):
    """uvicorn without signals of its own: the process has its handlers already."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


@contextlib.asynccontextmanager
async def _figures_served(runtime: Runtime, listening: socket.socket | None) -> AsyncIterator[None]:
    if listening is None:
        yield
        return
    config = uvicorn.Config(
        create_background_asgi(runtime),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    server = _FiguresServer(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]), name="serve figures")
    try:
        yield
    finally:
        server.should_exit = True
        await serving
