"""One worker: an event loop, its parts, and uvicorn around the application.

At SIGTERM (or Ctrl-C) readiness says no at once, connections are closed after their next answer, and after the drain
time no new ones come in: those that the kernel has taken by then are accepted, their first requests awaited, and what
runs is finished. A second Ctrl-C waits for nothing.

Source: docs/spec/operations.md#stopping.
"""

import asyncio
import contextlib
import gc
import multiprocessing
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Generator
from types import FrameType
from typing import Any

import structlog
import uvicorn
import uvloop

from quote_service.app import create_asgi, http_protocol
from quote_service.identity.health.readiness import HealthChecks
from quote_service.identity.operations.credentials import Credentials
from quote_service.platform.http.security_headers import server_headers
from quote_service.platform.settings import Settings
from quote_service.platform.system.crash_points import arm_in_development
from quote_service.platform.system.lifecycle import Lifecycle
from quote_service.platform.system.parts import Parts
from quote_service.platform.telemetry.registry import Registry
from quote_service.platform.telemetry.slots import Slots
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from quote_service.serving.lifespan.web import open_web
from quote_service.serving.processes.figures import figures_served
from quote_service.serving.processes.sockets import is_waited_at, reject_connections, url_of

_log = structlog.get_logger(__name__)

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# What is under way when new connections are turned away: the last step of its handshake, then its first request.
HANDSHAKE_SECONDS = 0.1
QUEUE_SECONDS = 2.0
# Of a client that is as overloaded as we are; past it a connection is one that was opened to be used some day.
FIRST_REQUEST_SECONDS = 5.0
COLLECT_AFTER_OBJECTS = 20_000
# How long a new worker lets connections wait for its rules and its callers: after that they are told that it is not ready.
FIRST_RULEBOOK_SECONDS = 3.0
WhenServing = Callable[[Parts], Awaitable[None]]


class WorkerServer(uvicorn.Server):
    """uvicorn, with a time of draining before it stops, and signals that end here instead of being raised again."""

    def __init__(self, config: uvicorn.Config, parts: Parts, announcement: dict[str, Any]) -> None:
        super().__init__(config)
        self._parts = parts
        self._announcement = announcement
        self._drained_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._drained_at is None:
            self._parts[Lifecycle].is_draining = True
            self._drained_at = time.monotonic() + self._parts[Settings].drain_seconds
        else:
            self.should_exit = True
            self.force_exit = sig == signal.SIGINT

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        deadline = time.monotonic() + FIRST_RULEBOOK_SECONDS
        # Once in a worker's life, so neither the holder nor the ring has to report it.
        while not (self._can_quote() or self._parts[Lifecycle].is_draining) and time.monotonic() < deadline:  # noqa: ASYNC110 (see above)
            await asyncio.sleep(0.01)
        await super().startup(sockets)
        _log.info("listening", **self._announcement)

    def _can_quote(self) -> bool:
        return self._parts[RulebookHolder].rulebook is not None and self._parts[Credentials].ring.is_loaded

    async def on_tick(self, counter: int) -> bool:
        is_over = await super().on_tick(counter)
        return is_over or (self._drained_at is not None and time.monotonic() >= self._drained_at)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for listening in sockets or ():
            reject_connections(listening)
        await self._accept_all(sockets or [])
        for server in self.servers:
            server.close()
        await self._hear_all()
        await super().shutdown(sockets)

    async def _accept_all(self, sockets: list[socket.socket]) -> None:
        """Return when no connection is left in the kernel's queues, which are reset when they are closed."""
        await asyncio.sleep(min(HANDSHAKE_SECONDS, self._parts[Settings].drain_seconds))
        deadline = time.monotonic() + QUEUE_SECONDS
        while any(map(is_waited_at, sockets)) and not self.force_exit and time.monotonic() < deadline:  # noqa: ASYNC110 (the kernel tells nobody)
            await asyncio.sleep(0)  # the loop accepts

    async def _hear_all(self) -> None:
        """Return when every connection has sent a request: uvicorn closes at once what has not."""
        deadline = time.monotonic() + (FIRST_REQUEST_SECONDS if self._parts[Settings].drain_seconds else 0.0)
        connections: Any = self.server_state.connections  # of the protocol that this server speaks
        while any(each.cycle is None for each in connections) and not self.force_exit and time.monotonic() < deadline:  # noqa: ASYNC110 (once)
            await asyncio.sleep(0.01)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        # uvicorn raises them again when it has stopped, which would end the process before its parts are closed.
        before = {each: signal.signal(each, self.handle_exit) for each in STOP_SIGNALS}
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)  # `many_workers.py` starts a worker with these blocked
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


def run_worker(
    settings: Settings,
    listening: socket.socket,
    when_serving: WhenServing | None = None,
    *,
    figures: socket.socket | None = None,
    slots: Slots | None = None,
    index: int = 0,
) -> None:
    """Serve on a bound socket until a signal stops it.

    Args:
        settings: Of the service.
        listening: From `bind_sockets`; closed at the end.
        when_serving: Called once requests are answered; what it raises stops the server and is raised here.
        figures: Where figures and health details are asked for; None for nowhere.
        slots: Where the workers of this service count together; None for a worker by itself.
        index: Which of them it is.
    """
    arm_in_development(is_development=settings.development)
    # Quotes make next to no cycles: looking for some every 700 new objects costs some 2 % of each quote.
    gc.set_threshold(COLLECT_AFTER_OBJECTS, 10, 10)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, listening, when_serving, figures, slots, index))


async def _serve(
    settings: Settings,
    listening: socket.socket,
    when_serving: WhenServing | None,
    figures: socket.socket | None,
    slots: Slots | None,
    index: int,
) -> None:
    async with open_web(settings, slots, index) as parts:
        config = uvicorn.Config(
            create_asgi(parts),
            http=http_protocol(parts),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            headers=server_headers(settings),
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=list(settings.trusted_proxies),
            timeout_graceful_shutdown=settings.shutdown_seconds,
        )
        announcement = {
            "url": url_of(listening),
            "metrics_url": None if figures is None else f"{url_of(figures)}/metrics",
            "worker": index,
        }
        server = WorkerServer(config, parts, announcement)
        _close_idle_connections(parts, server)
        async with figures_served(parts, figures):
            with _stopped_with_parent(server):
                if when_serving is None:
                    await server.serve(sockets=[listening])
                else:
                    await _serve_and_call(server, listening, when_serving(parts))


def _close_idle_connections(parts: Parts, server: uvicorn.Server) -> None:
    state = server.server_state
    parts[Registry].register_gauge("quote_connections", "Client connections open", lambda: len(state.connections))
    parts[Registry].register_gauge("quote_requests_running", "Requests beside quotes", lambda: len(state.tasks))
    parts[HealthChecks].gauges["connections"] = lambda: {"open": len(state.connections), "requests": len(state.tasks)}


async def _serve_and_call(server: WorkerServer, listening: socket.socket, call: Awaitable[None]) -> None:
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    calling = asyncio.ensure_future(call)
    try:
        await asyncio.wait((serving, calling), return_when=asyncio.FIRST_COMPLETED)
        if calling.done():
            calling.result()
        else:
            calling.cancel()  # stopped before it was ready
    finally:
        if not calling.done() or calling.cancelled() or calling.exception():
            server.should_exit = True
        await serving


@contextlib.contextmanager
def _stopped_with_parent(server: WorkerServer) -> Generator[None, None, None]:
    """A worker whose starting process is gone stops, as if it had been told to."""
    parent = multiprocessing.parent_process()
    if parent is None:
        yield
        return
    loop = asyncio.get_running_loop()
    sentinel = parent.sentinel

    def stop() -> None:
        loop.remove_reader(sentinel)
        server.handle_exit(signal.SIGTERM, None)

    loop.add_reader(sentinel, stop)
    try:
        yield
    finally:
        loop.remove_reader(sentinel)
