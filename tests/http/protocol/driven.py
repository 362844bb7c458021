"""The protocol on a wire in memory and a loop turned by hand: bytes, reading, time and answers come when a test says so.

A hot request is held until the test answers it. An ordinary one is answered by an application whose path says how:
`/whole` when its body has come and the test lets it, `/early` at once, `/stream` in pieces, `/fail` breaks off in the middle.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from quote_service.platform.http.protocol.hot_cycle import HotCycle, Reply
from quote_service.platform.http.protocol.hot_protocol import HotProtocol
from quote_service.platform.http.protocol.refusals import reply_head

HIGH, LOW = 64 * 1024, 16 * 1024  # as transports have them
PIECE = b"-" * 20_000
SEND_SECONDS = 30.0


class HandLoop(asyncio.SelectorEventLoop):
    """A loop whose clock is the test's own."""

    def __init__(self) -> None:
        self.now = 1000.0
        super().__init__()
        self.mistakes: list[dict[str, Any]] = []
        self.set_exception_handler(lambda loop, context: self.mistakes.append(context))

    def time(self) -> float:
        return self.now

    def turn(self) -> None:
        """Run what is due, and what that asks for."""
        while self._ready:  # type: ignore[attr-defined]  # asyncio's own list
            self.call_soon(self.stop)
            self.run_forever()

    def pass_time(self, seconds: float) -> None:
        """Let so much time pass, each timer at its instant."""
        self.turn()
        until = self.now + seconds
        while (next_at := self.next_timer()) is not None and next_at <= until:
            self.now = max(self.now, next_at)
            self.call_soon(lambda: None)
            self.turn()
        self.now = until

    def next_timer(self) -> float | None:
        """When the next timer rings."""
        return min((timer.when() for timer in self._scheduled if not timer.cancelled()), default=None)  # type: ignore[attr-defined]  # asyncio's own list


class Wire(asyncio.Transport):
    """A transport whose other end is the test."""

    def __init__(self, loop: HandLoop) -> None:
        super().__init__()
        self._loop = loop
        self.protocol: HotProtocol
        self.written = b""  # all of it
        self.unread = 0  # of that, what the peer has not taken
        self.ended_at: int | None = None  # after which nothing may be written
        self._coming: deque[bytes | None] = deque()  # None is the end
        self._is_closing = self._is_lost = self._is_reading_paused = self._is_writing_paused = False

    # The server's end

    def write(self, data: Any) -> None:
        assert self.ended_at is None, "nothing is said after the end"
        self.written += bytes(data)
        self.unread += len(data)
        if self.unread > HIGH and not self._is_writing_paused:
            self._is_writing_paused = True
            self.protocol.pause_writing()

    def write_eof(self) -> None:
        assert self.ended_at is None, "it ends once"
        self.ended_at = len(self.written)

    def close(self) -> None:
        if not self._is_closing:
            self._is_closing = True
            self.ended_at = len(self.written)
            self._end_when_sent()

    def abort(self) -> None:
        self.unread = 0
        self._is_closing = True
        self.ended_at = len(self.written)
        self.lose(None)

    def is_closing(self) -> bool:
        return self._is_closing

    def get_write_buffer_size(self) -> int:
        return self.unread

    def pause_reading(self) -> None:
        self._is_reading_paused = True

    def resume_reading(self) -> None:
        self._is_reading_paused = False
        self._loop.call_soon(self._deliver)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    def _end_when_sent(self) -> None:
        if self._is_closing and not self.unread:
            self.lose(None)

    # The peer's end

    def send(self, data: bytes | None) -> None:
        """Send bytes; None says that there are no more."""
        self._coming.append(data)
        self._deliver()
        self._loop.turn()

    def _deliver(self) -> None:
        while self._coming and not (self._is_reading_paused or self._is_closing or self._is_lost):
            data = self._coming.popleft()
            if data is not None:
                self.protocol.data_received(data)
            elif not self.protocol.eof_received():
                self.close()

    def take(self, count: int) -> None:
        """Read so many bytes."""
        self.unread = max(0, self.unread - count)
        if self._is_writing_paused and self.unread <= LOW:
            self._is_writing_paused = False
            self.protocol.resume_writing()
        self._end_when_sent()
        self._loop.turn()

    def lose(self, exc: Exception | None) -> None:
        """End the connection: nothing reaches the other end any more."""
        if not self._is_lost:
            self._is_lost = self._is_closing = True
            self._loop.call_soon(self.protocol.connection_lost, exc)

    def has_gone(self) -> bool:
        """Whether the connection has ended."""
        return self._is_lost


class Driven:
    """One connection of one server."""

    def __init__(self) -> None:
        self.loop = HandLoop()
        self.held: deque[HotCycle] = deque()  # handed over and not answered
        self.answered: list[HotCycle] = []
        self.waiting: deque[asyncio.Future[None]] = deque()  # of ordinary requests
        self.is_draining = False
        self.lost: list[HotCycle] = []  # told that their peer has gone
        config = uvicorn.Config(
            self._application, interface="asgi3", ws="none", lifespan="off", log_config=None, timeout_keep_alive=5
        )
        config.load()
        self.server = ServerState()
        self.wire = Wire(self.loop)
        self.protocol = self._kind()(config, self.server, {}, _loop=self.loop)
        self.wire.protocol = self.protocol
        self.protocol.connection_made(self.wire)

    def reply(self, cycle: HotCycle, size: int = 0) -> None:
        """Answer a hot request, with as much behind its body as is wanted."""
        self.protocol.reply(cycle, Reply(reply_head(200, ()), cycle.body + b"-" * size))
        self.answered.append(cycle)
        self.loop.turn()

    def close(self) -> None:
        """End the loop, whatever is still in it."""
        self.wire.lose(None)
        self.loop.turn()
        for task in self.server.tasks:
            task.cancel()
        self.loop.turn()
        self.loop.close()

    def _hold(self, protocol: HotProtocol, cycle: HotCycle) -> None:
        self.held.append(cycle)
        cycle.given_up = lambda: self.lost.append(cycle)

    def _kind(self) -> type[HotProtocol]:
        def plain(status: int) -> Callable[[HotCycle], Reply]:
            return lambda cycle: Reply(reply_head(status, ()), b"")

        fields = {
            "path": b"/hot",
            "max_body_bytes": 100,
            "body_seconds": 2.0,
            "arrival_seconds": 10.0,
            "send_seconds": SEND_SECONDS,
            "handler": staticmethod(self._hold),
            "too_large": staticmethod(plain(413)),
            "too_slow": staticmethod(plain(504)),
            "failed": staticmethod(plain(500)),
            "is_closing": staticmethod(lambda: self.is_draining),
        }
        return type("DrivenProtocol", (HotProtocol,), fields)

    async def _application(self, scope: Any, receive: Any, send: Any) -> None:
        way, body, more = scope["path"], b"", True
        while more and way != "/early":
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message["body"]
            more = message["more_body"]
        if way != "/early":
            waiting = self.loop.create_future()
            self.waiting.append(waiting)
            await waiting
        said = scope["query_string"]
        pieces = [said] if way in ("/early", "/whole") else [said, *[PIECE] * 10]
        headers = [(b"content-length", b"%d" % sum(map(len, pieces)))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for number, piece in enumerate(pieces, 1):
            if way == "/fail" and number == 3:
                raise ValueError("as ordered")
            await send({"type": "http.response.body", "body": piece, "more_body": number < len(pieces)})
