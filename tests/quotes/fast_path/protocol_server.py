"""uvicorn with the hot protocol and an application that says which way a request took.

A hot body is an order to the handler: `echo...`, `large`, `fail`, `wait <name>` (answered at `release(name)`),
`fail later <name>`, `fail after` (an answer has been sent), and `header <name>`, which is answered with the value of that
header. The application answers `/huge` with more than the system keeps for a reader.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import uvicorn
import uvloop

from quote_service.platform.http.protocol.hot_cycle import HotCycle, Reply
from quote_service.platform.http.protocol.hot_protocol import HotProtocol
from quote_service.platform.http.protocol.refusals import reply_head
from quote_service.platform.http.protocol.request_heads import RequestHead

MAX_BODY_BYTES = 2000
PATIENCE_SECONDS = 120.0
# Long enough for a client that is held up by a busy machine, and short enough to be waited for.
BODY_SECONDS = 1.5
KEEP_ALIVE_SECONDS = 3
ARRIVAL_SECONDS = 5.0
SEND_SECONDS = 1.0
HUGE_BYTES = 32 << 20  # more than a system keeps for a reader
LARGE_BYTES = 300_000


class ProtocolServer:
    """The server, running in a thread; `release` lets a held request go on."""

    def __init__(self, arrival_seconds: float, keep_alive_seconds: int) -> None:
        self.arrival_seconds = arrival_seconds
        self.held: dict[str, Callable[[], None]] = {}
        self._arrived = threading.Condition()
        self.handled: list[bytes] = []
        self.recognised = 0
        self.is_closing = False
        self.port = 0
        self.loop = uvloop.new_event_loop()
        config = uvicorn.Config(
            _application,
            port=0,
            http=self._protocol(),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_keep_alive=keep_alive_seconds,
        )
        self._started = threading.Event()
        self.server = _Server(config, self._started)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def release(self, name: str) -> None:
        """Answer a request that waits, once it has arrived."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: name in self.held, PATIENCE_SECONDS), f"{name} has not arrived"
            held = self.held.pop(name)
        self.loop.call_soon_threadsafe(held)

    def _hold(self, name: str, answer: Callable[[], None]) -> None:
        with self._arrived:
            self.held[name] = answer
            self._arrived.notify_all()

    def has(self, name: str) -> bool:
        """Whether a request waits under this name."""
        return name in self.held

    def connections(self) -> int:
        """How many connections the server knows of."""
        return len(self.server.server_state.connections)

    def start(self) -> None:
        self._thread.start()
        assert self._started.wait(30)
        self.port = self.server.servers[0].sockets[0].getsockname()[1]

    def stop(self) -> None:
        self.server.should_exit = True
        self._thread.join(30)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self.server.serve())

    def _handle(self, protocol: HotProtocol, cycle: HotCycle) -> None:
        body = cycle.body
        self.handled.append(body)
        order, _, name = body.decode().rpartition(" ")
        if body == b"fail":
            raise ValueError("as ordered")
        if body == b"fail after":
            protocol.reply(cycle, _reply(200, b"hot:" + body))
            raise ValueError("as ordered")
        if order == "wait":
            self._hold(name, lambda: protocol.reply(cycle, _reply(200, b"hot:" + body)))
        elif order == "header":
            protocol.reply(cycle, _reply(200, cycle.head.named.get(name.encode(), b"none")))
        elif order == "fail later":
            self._hold(name, lambda: protocol.fail(cycle, ValueError("as ordered")))
        else:
            sizes = {b"large": LARGE_BYTES, b"huge": HUGE_BYTES}
            protocol.reply(cycle, _reply(200, b"x" * sizes[body] if body in sizes else b"hot:" + body))

    def _protocol(self) -> type[HotProtocol]:
        class TestedProtocol(HotProtocol):
            path: ClassVar[bytes] = b"/api/v1/quote"
            max_body_bytes: ClassVar[int] = MAX_BODY_BYTES
            body_seconds: ClassVar[float] = BODY_SECONDS
            arrival_seconds: ClassVar[float] = self.arrival_seconds
            send_seconds: ClassVar[float] = SEND_SECONDS
            handler = staticmethod(self._handle)
            too_large = staticmethod(lambda cycle: _reply(413, b"too large"))
            too_slow = staticmethod(lambda cycle: _reply(504, b"too slow"))
            failed = staticmethod(lambda cycle: _reply(500, b"failed"))
            is_closing = staticmethod(lambda: self.is_closing)

            def _take_known(protocol, body: bytes, head: RequestHead) -> None:  # noqa: N805 (`self` is the server)
                self.recognised += 1
                super()._take_known(body, head)

        return TestedProtocol


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, started: threading.Event) -> None:
        super().__init__(config)
        self._is_started = started

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        self._is_started.set()


@contextmanager
def protocol_server(
    arrival_seconds: float = ARRIVAL_SECONDS, keep_alive_seconds: int = KEEP_ALIVE_SECONDS
) -> Iterator[ProtocolServer]:
    """A server for one test module."""
    server = ProtocolServer(arrival_seconds, keep_alive_seconds)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _reply(status: int, body: bytes) -> Reply:
    return Reply(reply_head(status, ((b"content-type", b"text/plain"),)), body)


async def _application(scope: Any, receive: Any, send: Any) -> None:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    if scope["path"] == "/huge":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(HUGE_BYTES // LARGE_BYTES):
            await send({"type": "http.response.body", "body": b"x" * LARGE_BYTES, "more_body": True})
    said = b"asgi:%b %b %b" % (scope["method"].encode(), scope["raw_path"] + b"?" + scope["query_string"], body)
    headers = [(b"content-length", str(len(said)).encode()), (b"saw-headers", str(len(scope["headers"])).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": said})
