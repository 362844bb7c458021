"""The port of figures and health details: for those who run the service, apart from the port that callers use.

All workers listen on one socket, and any of them answers: what they count they count together. It lives in the process
that starts them, so a worker that dies takes nothing with it.

Source: docs/spec/access.md#metrics-and-health-details; docs/spec/operations.md#metrics.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Generator

import uvicorn

from quote_service.app import create_figures_asgi
from quote_service.platform.http.protocol.bounded_protocol import BoundedProtocol
from quote_service.platform.system.parts import Parts
from quote_service.serving.processes.sockets import bind_sockets


def bind_figures(host: str, port: int) -> socket.socket | None:
    """The socket for figures; None where there is to be none (port 0).

    Raises:
        CannotListen: The port is taken or not allowed, or the host is not an address of this machine.
    """
    return bind_sockets(host, port, 1)[0] if port else None


class _FiguresServer(uvicorn.Server):
    """uvicorn without signals of its own: the process has its handlers already."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


@contextlib.asynccontextmanager
async def figures_served(parts: Parts, listening: socket.socket | None) -> AsyncIterator[None]:
    """Answer on this socket meanwhile; None serves nothing."""
    if listening is None:
        yield
        return
    config = uvicorn.Config(
        create_figures_asgi(parts),
        http=BoundedProtocol,
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
