"""One POST route answered straight from uvicorn's httptools protocol; every other request takes its ordinary way.

The scope, the task, the event and the two checked sends of an ASGI request cost two thirds of what the server costs, and
as much as pricing the quote. A hot request is a `HotCycle` in the place of uvicorn's own cycle: uvicorn reads
`response_complete`, `keep_alive`, `disconnected` and `message_event` of the current cycle to pipeline, to shut down and
to notice a lost peer, so all of that goes on working. What is leant on of uvicorn's insides is checked over raw sockets
by `tests/quotes/fast_path/`; the version is pinned.

Source: docs/spec/quotes.md#limits; `docs/performance.md`.
"""

import asyncio
from typing import Any, ClassVar

from quote_service.http.protocol.bounded_protocol import BoundedProtocol
from quote_service.http.protocol.hot_cycle import HotCycle, Reply
from quote_service.http.protocol.known_heads import LESSONS_MAX, KnownHead, known_body, learn_head
from quote_service.http.protocol.request_heads import RequestHead


class HotProtocol(BoundedProtocol):
    """uvicorn's protocol with one route of its own; `hot_protocol` makes the class that a server takes."""

    path: ClassVar[bytes]
    max_body_bytes: ClassVar[int]
    body_seconds: ClassVar[float]
    handler: ClassVar["staticmethod[[HotProtocol, HotCycle], None]"]
    too_large: ClassVar["staticmethod[[HotCycle], Reply]"]
    too_slow: ClassVar["staticmethod[[HotCycle], Reply]"]
    failed: ClassVar["staticmethod[[HotCycle], Reply]"]
    is_closing: ClassVar["staticmethod[[], bool]"]
    more_headers: ClassVar["staticmethod[[RequestHead], bytes] | None"] = None  # lines of every answer, by its request
    _dated: ClassVar[list[tuple[bytes, bytes]] | None] = None
    _common: ClassVar[bytes] = b""
    _turn: HotCycle | None = None  # the hot request that is next to be answered on this connection
    _handled: HotCycle | None = None  # the one that was handed to the handler last
    _body_timer: asyncio.TimerHandle | None = None
    _known: KnownHead | None = None  # how this connection's requests begin
    _lessons_left: int = LESSONS_MAX

    # Reading

    def data_received(self, data: bytes) -> None:
        """Read what came, then answer outside the parser, which would take any error for a bad request."""
        if self._is_over:
            return
        before: Any = self.cycle
        is_ready = self._is_between and (before is None or before.response_complete)
        if is_ready and self._known is not None:
            body = known_body(self._known, data)
            if body is not None and len(body) <= self.max_body_bytes:
                self._take_known(body, self._known.head)
                return
        self._read(data)
        after: Any = self.cycle
        if is_ready and self._lessons_left and after is not before and type(after) is HotCycle:
            self._learn(after, data)
        if self._turn is not None:
            self._advance()

    def _begin(self) -> None:
        """Decide which way a request takes."""
        parser = self.parser
        is_crowded = self.limit_concurrency is not None and len(self.connections) >= self.limit_concurrency
        if self.url != self.path or parser.get_method() != b"POST" or is_crowded:
            super()._begin()
            return
        before: Any = self.cycle
        cycle = HotCycle(
            RequestHead(self.headers),
            keep_alive=parser.should_keep_alive() and parser.get_http_version() != "1.0",
            waits_for_100=self.expect_100_continue,
            started_at=self.loop.time(),
        )
        self.cycle = cycle  # type: ignore[assignment]  # stands in for uvicorn's own
        cycle.refused = self._left > self.max_body_bytes
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

    def _completed(self) -> None:
        cycle: Any = self.cycle
        if type(cycle) is HotCycle:
            cycle.arrived = True
        else:
            super()._completed()

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

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn never keeps it open
        """Keep the way back open for a peer that has said all and still wants its answer."""
        cycle: Any = self.cycle
        if type(cycle) is not HotCycle or cycle.response_complete or not (cycle.arrived or cycle.refused):
            return False
        cycle.keep_alive = False
        return True

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
            self.reply(cycle, cycle.refusal or type(self).too_large(cycle), lingers=True)
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
        if not cycle.response_complete:
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
        more = b"" if cycle.keep_alive else b"connection: close\r\n"
        if kind.more_headers is not None:
            more += kind.more_headers(cycle.head)
        self.transport.write(
            b"%b%b%bcontent-length: %d\r\n\r\n%b" % (reply.head, kind._common, more, len(reply.body), reply.body)
        )
        cycle.response_complete = True
        cycle.given_up = None
        if not cycle.keep_alive:
            self.pipeline.clear()  # nothing is answered after `connection: close`
            if lingers:
                self._end()
            else:
                self.transport.close()
        self.on_response_complete()

    def _refuse_begun(self, cycle: Any, reply: Reply) -> None:
        """Refuse a request whose body turns out to be none; a hot one when its turn comes."""
        if type(cycle) is not HotCycle:
            super()._refuse_begun(cycle, reply)
        elif cycle.response_complete:
            self._end()
        else:
            cycle.refused = True
            cycle.refusal = reply

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
        self._turn = None
        handled, self._handled = self._handled, None
        if handled is not None and not handled.response_complete:
            handled.disconnected = True
            if handled.given_up is not None:
                handled.given_up()
        super().connection_lost(exc)
