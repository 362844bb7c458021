"""One POST route answered straight from uvicorn's httptools protocol; every other request takes its ordinary way.

The scope, the task, the event and the two checked sends of an ASGI request cost two thirds of what the server costs, and
as much as pricing the quote. A hot request is a `HotCycle` in the place of uvicorn's own cycle: uvicorn reads
`response_complete`, `keep_alive`, `disconnected` and `message_event` of the current cycle to pipeline, to shut down and
to notice a lost peer, so all of that goes on working. What is leant on of uvicorn's insides is checked over raw sockets
by `tests/hot_path/`; the version is pinned.

Source: spec 2, Limits and load; `docs/performance.md`.
"""

import asyncio
from http import HTTPStatus
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from quote_service.api.hot_cycle import HotCycle, Reply
from quote_service.api.known_heads import LESSONS_MAX, KnownHead, known_body, learn_head
from quote_service.api.request_heads import RequestHead

# How long a refused sender may go on sending before the connection is cut: closing at once would reset it before the
# answer has been read.
LINGER_SECONDS = 1.0
# How long a request of any route may take to arrive whole, and a new connection to send one: uvicorn would wait for ever.
ARRIVAL_SECONDS = 30.0


class HotProtocol(HttpToolsProtocol):
    """uvicorn's protocol with one route of its own; `hot_protocol` makes the class that a server takes."""

    path: ClassVar[bytes]
    max_body_bytes: ClassVar[int]
    body_seconds: ClassVar[float]
    arrival_seconds: ClassVar[float] = ARRIVAL_SECONDS
    handler: ClassVar["staticmethod[[HotProtocol, HotCycle], None]"]
    too_large: ClassVar["staticmethod[[HotCycle], Reply]"]
    too_slow: ClassVar["staticmethod[[HotCycle], Reply]"]
    failed: ClassVar["staticmethod[[HotCycle], Reply]"]
    unreadable: ClassVar["staticmethod[[], Reply]"]
    is_closing: ClassVar["staticmethod[[], bool]"]
    _dated: ClassVar[list[tuple[bytes, bytes]] | None] = None
    _common: ClassVar[bytes] = b""
    _lingers: bool = False  # refused with `connection: close`: what still comes is read and dropped
    _turn: HotCycle | None = None  # the hot request that is next to be answered on this connection
    _handled: HotCycle | None = None  # the one that was handed to the handler last
    _body_timer: asyncio.TimerHandle | None = None
    _is_between: bool = True  # no request has arrived in part
    _arrival_timer: asyncio.TimerHandle | None = None
    _idle_since: float = 0.0  # 0 while a request is under way
    _known: KnownHead | None = None  # how this connection's requests begin
    _lessons_left: int = LESSONS_MAX

    # Reading

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Give a new connection its time."""
        super().connection_made(transport)
        self._arrival_timer = self.loop.call_later(self.arrival_seconds, self._cut)

    def on_message_begin(self) -> None:
        """Start a request without the scope that only an ordinary one needs."""
        self._is_between = False
        if self._arrival_timer is not None:  # of the request before
            self._arrival_timer.cancel()
            self._arrival_timer = None
        self.url = b""
        self.expect_100_continue = False
        self.headers = []

    def on_headers_complete(self) -> None:
        """Decide which way a request takes."""
        parser = self.parser
        is_crowded = self.limit_concurrency is not None and len(self.connections) >= self.limit_concurrency
        if self.url != self.path or parser.get_method() != b"POST" or parser.should_upgrade() or is_crowded:
            url, headers, expects = self.url, self.headers, self.expect_100_continue
            super().on_message_begin()  # makes the scope, which then takes what has been read
            self.headers += headers
            self.url, self.expect_100_continue = url, expects
            super().on_headers_complete()
            return
        keep_alive = parser.should_keep_alive() and parser.get_http_version() != "1.0"
        before: Any = self.cycle
        cycle = HotCycle(
            RequestHead(self.headers),
            keep_alive=keep_alive,
            waits_for_100=self.expect_100_continue,
            started_at=self.loop.time(),
        )
        self.cycle = cycle  # type: ignore[assignment]  # stands in for uvicorn's own
        for name, value in self.headers:
            if name == b"content-length" and int(value) > self.max_body_bytes:
                cycle.refused = True
        if before is None or before.response_complete:
            self._turn = cycle
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, self.app))  # type: ignore[arg-type]  # as above

    def on_body(self, body: bytes) -> None:
        """Collect a part of the body, as long as it is not too large."""
        cycle: Any = self.cycle
        if type(cycle) is not HotCycle:
            super().on_body(body)
        elif not (cycle.refused or cycle.response_complete):
            cycle.parts.append(body)
            cycle.size += len(body)
            cycle.refused = cycle.size > self.max_body_bytes

    def on_message_complete(self) -> None:
        """Note that the body is whole."""
        self._is_between = True
        cycle: Any = self.cycle
        if type(cycle) is HotCycle:
            cycle.arrived = True
        else:
            super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Parse what came, then answer outside the parser, which would take any error for a bad request."""
        if self._lingers:
            return
        before: Any = self.cycle
        is_ready = self._is_between and (before is None or before.response_complete)
        idle_since = self._idle_since
        if is_ready and self._known is not None:
            body = known_body(self._known, data)
            if body is not None and len(body) <= self.max_body_bytes:
                self._take_known(body, self._known.head)
                return
        super().data_received(data)
        if self._arrival_timer is not None:
            if self._is_between and self.cycle is not None:
                self._arrival_timer.cancel()
                self._arrival_timer = None
        elif not self._is_between:
            self._arrival_timer = self.loop.call_later(self.arrival_seconds, self._cut)
        after: Any = self.cycle
        if after is before and is_ready and self._is_between:
            self._idle_since = idle_since  # blank lines are no request: the connection goes on resting
        elif is_ready and self._lessons_left and type(after) is HotCycle:
            self._learn(after, data)
        if self._turn is not None:
            self._advance()

    def _take_known(self, body: bytes, head: RequestHead) -> None:
        """Take a request whose head has been parsed before on this connection; the parser never sees it.

        The parser stands between two requests then, so it is none the wiser.
        """
        self._idle_since = 0.0
        cycle = HotCycle(head, keep_alive=True, waits_for_100=False, started_at=self.loop.time())
        cycle.parts.append(body)
        cycle.arrived = True
        self.cycle = cycle  # type: ignore[assignment]  # stands in for uvicorn's own
        self._turn = cycle
        self._advance()

    def _learn(self, cycle: HotCycle, data: bytes) -> None:
        """Remember the head of a request that came whole, and alone, in one piece."""
        is_usual = cycle.arrived and cycle.keep_alive and not (cycle.refused or cycle.waits_for_100 or self.pipeline)
        if is_usual and len(cycle.parts) == 1 and self.limit_concurrency is None:
            self._lessons_left -= 1
            self._known = learn_head(data, cycle.parts[0], cycle.head) or self._known

    def _cut(self) -> None:
        """Nothing, or not all of a request, has come in the time that it has."""
        self._arrival_timer = None
        if self.flow.read_paused:  # it is we who do not read
            self._arrival_timer = self.loop.call_later(self.arrival_seconds, self._cut)
        elif not self.transport.is_closing():
            self.transport.close()

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn never keeps it open
        """Keep the way back open for a peer that has said all and still wants its answer."""
        cycle: Any = self.cycle
        if type(cycle) is not HotCycle or cycle.response_complete or not (cycle.arrived or cycle.refused):
            return False
        cycle.keep_alive = False
        return True

    # Resting

    def _unset_keepalive_if_required(self) -> None:
        """A request begins. The timer goes on, and finds the connection busy: to cancel it each time costs more."""
        self._idle_since = 0.0

    def on_response_complete(self) -> None:
        """Go on with what is pipelined, or rest."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
            return
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._watch_rest(self.timeout_keep_alive)

    def _watch_rest(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that has rested for its whole time."""
        self.timeout_keep_alive_task = None
        if not self._idle_since:
            return  # it is watched again when it rests again
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._watch_rest(left)
        elif not self.transport.is_closing():
            self.transport.close()

    # Taking turns

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        if type(cycle) is HotCycle:
            # From the pipeline: call_soon, so that a long pipeline neither recurses nor starves other connections.
            self._turn = cycle
            self.loop.call_soon(self._advance)
        else:
            super()._start_asgi_task(cycle, app)

    def _advance(self) -> None:
        cycle = self._turn
        if cycle is None or self.flow.write_paused or self.transport.is_closing():
            return
        if cycle.refused:
            self._turn = None
            cycle.keep_alive = False
            self.reply(cycle, type(self).too_large(cycle), lingers=True)
        elif cycle.arrived:
            self._turn = None
            if self._body_timer is not None:
                self._body_timer.cancel()
                self._body_timer = None
            self._handle(cycle)
        else:
            if cycle.waits_for_100:
                cycle.waits_for_100 = False
                self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            if self._body_timer is None:  # only bodies that come in pieces pay for a timer
                self._body_timer = self.loop.call_later(self.body_seconds, self._give_up, cycle)

    def _handle(self, cycle: HotCycle) -> None:
        self._handled = cycle
        try:
            type(self).handler(self, cycle)
        except Exception as mistake:  # noqa: BLE001 (the last handler of this route: whatever it is, the caller gets an answer)
            self.fail(cycle, mistake)

    def _give_up(self, cycle: HotCycle) -> None:
        """The body has not come whole in time."""
        self._body_timer = None
        if self._turn is cycle and not self.transport.is_closing():
            self._turn = None
            cycle.keep_alive = False
            cycle.refused = True
            self.reply(cycle, type(self).too_slow(cycle), lingers=True)

    # Writing

    def fail(self, cycle: HotCycle, mistake: Exception) -> None:
        """Answer a request that ended in a mistake of ours."""
        self.logger.error("hot handler failed", exc_info=mistake)
        self.reply(cycle, type(self).failed(cycle))

    def reply(self, cycle: HotCycle, reply: Reply, *, lingers: bool = False) -> None:
        """Write the answer to the request whose turn it is; nothing is written for a peer who has gone."""
        if cycle.disconnected or self.transport.is_closing():
            return
        kind, dated = type(self), self.server_state.default_headers
        if kind._dated is not dated:  # uvicorn puts a new list there once a second
            kind._dated, kind._common = dated, b"".join(b"%b: %b\r\n" % pair for pair in dated)
        if kind.is_closing():
            cycle.keep_alive = False
        close = b"" if cycle.keep_alive else b"connection: close\r\n"
        self.transport.write(
            b"%b%b%bcontent-length: %d\r\n\r\n%b" % (reply.head, kind._common, close, len(reply.body), reply.body)
        )
        cycle.response_complete = True
        cycle.given_up = None
        if not cycle.keep_alive:
            self.pipeline.clear()  # nothing is answered after `connection: close`
            if lingers:
                self._lingers = True
                self.loop.call_later(LINGER_SECONDS, self.transport.close)
            else:
                self.transport.close()
        self.on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, or has a method that there is none of, as everything else is refused."""
        reply = type(self).unreadable()
        dated = b"".join(b"%b: %b\r\n" % pair for pair in self.server_state.default_headers)
        head = b"%b%bconnection: close\r\ncontent-length: %d\r\n\r\n" % (reply.head, dated, len(reply.body))
        self.transport.write(head + reply.body)
        self.transport.close()

    def resume_writing(self) -> None:
        """Go on when the peer has read some of what was written."""
        super().resume_writing()
        if self._turn is not None:
            self._advance()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what was still to come."""
        if self._body_timer is not None:
            self._body_timer.cancel()
            self._body_timer = None
        if self._arrival_timer is not None:
            self._arrival_timer.cancel()
            self._arrival_timer = None
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
            self.timeout_keep_alive_task = None
        self._turn = None
        handled, self._handled = self._handled, None
        if handled is not None and not handled.response_complete:
            handled.disconnected = True
            if handled.given_up is not None:
                handled.given_up()
        super().connection_lost(exc)


def reply_head(status: int, headers: tuple[tuple[bytes, bytes], ...]) -> bytes:
    """The start of an answer with this status and these headers."""
    return STATUS_LINE[HTTPStatus(status)] + b"".join(b"%b: %b\r\n" % pair for pair in headers)
