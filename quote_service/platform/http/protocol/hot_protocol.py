"""One POST route answered straight from uvicorn's httptools protocol; every other request takes its ordinary way.

The scope, the task, the event and the two checked sends of an ASGI request cost two thirds of what the server costs, and
as much as pricing the quote. A hot request is a `HotCycle` in the place of uvicorn's own cycle: uvicorn reads
`response_complete`, `keep_alive`, `disconnected` and `message_event` of the current cycle to pipeline, to shut down and
to notice a lost peer, so all of that goes on working. What is leant on of uvicorn's insides is checked over raw sockets
by `tests/quotes/fast_path/`; the version is pinned.

Source: docs/spec/quotes.md#limits; `docs/performance.md`.
"""

import asyncio
from typing import Any, ClassVar, Final

from quote_service.platform.http.positions import MIN_POSITION
from quote_service.platform.http.protocol.bounded_protocol import DEAF, BoundedProtocol
from quote_service.platform.http.protocol.hot_cycle import HotCycle, Reply
from quote_service.platform.http.protocol.known_heads import LESSONS_MAX, KnownHead, known_body, learn_head
from quote_service.platform.http.protocol.request_heads import RequestHead
from quote_service.platform.http.protocol.states import (
    ANSWERED,
    ARRIVING,
    HANDLED,
    LINGERING,
    LOST,
    REFUSED,
    RESTING,
    UNASKED,
    WHOLE,
)

_TO_BE_ANSWERED = (WHOLE, HANDLED, REFUSED)
# Up to here copying a body behind its head costs less than having the transport take two pieces.
_COPIED_BYTES_MAX = 16 * 1024

_MIN_POSITION: Final = MIN_POSITION.lower().encode()


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
    _body_timer: asyncio.TimerHandle | None = None
    _known: KnownHead | None = None  # how this connection's requests begin
    _lessons_left: int = LESSONS_MAX

    # Reading

    def data_received(self, data: bytes) -> None:
        """Read what came, then answer outside the parser, which would take any error for a bad request."""
        state = self._state
        if state is RESTING:
            known = self._known
            if known is not None:
                body = known_body(known, data)
                if body is not None and len(body) <= self.max_body_bytes:
                    self._take_known(body, known.head)
                    return
        elif state in DEAF:
            return
        before: Any = self.cycle
        self._read(data)
        after: Any = self.cycle
        if state is RESTING and self._lessons_left and after is not before and type(after) is HotCycle:
            self._learn(after, data)
        if self._turn is not None:
            self._advance()

    def _begin(self) -> None:
        """Decide which way a request takes."""
        parser = self.parser
        is_crowded = self.limit_concurrency is not None and len(self.connections) >= self.limit_concurrency
        # Who wants to be answered from a position on may have to wait, which the framework's way does for every route.
        waits = _MIN_POSITION in self._named
        if self.url != self.path or parser.get_method() != b"POST" or is_crowded or waits:
            super()._begin()
            return
        before: Any = self.cycle
        cycle = HotCycle(
            RequestHead(self.headers, self._named),
            UNASKED if self.expect_100_continue else ARRIVING,
            keep_alive=parser.should_keep_alive() and self._version != "1.0",
            started_at=self.loop.time(),
        )
        self.cycle = cycle  # type: ignore[assignment]  # stands in for uvicorn's own
        if self._left > self.max_body_bytes:
            cycle.state = cycle.state.refused
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
        elif cycle.state is not REFUSED:
            cycle.parts.append(body)
            cycle.size += len(body)
            if cycle.size > self.max_body_bytes:
                cycle.state = cycle.state.refused

    def _completed(self) -> None:
        cycle: Any = self.cycle
        if type(cycle) is HotCycle:
            cycle.state = cycle.state.body_read
        else:
            super()._completed()

    def _take_known(self, body: bytes, head: RequestHead) -> None:
        """Take a request whose head has been parsed before on this connection; the parser never sees it.

        The parser stands between two requests then, so it is none the wiser.
        """
        self._idle_since = 0.0
        self._state = self._state.whole_read
        cycle = HotCycle(head, WHOLE, keep_alive=True, started_at=self.loop.time())
        cycle.parts.append(body)
        self.cycle = cycle  # type: ignore[assignment]  # stands in for uvicorn's own
        self._turn = cycle
        if not self.flow.write_paused:
            self._handle(cycle)

    def _learn(self, cycle: HotCycle, data: bytes) -> None:
        """Remember the head of a request that came whole, and alone, in one piece."""
        is_usual = cycle.state is WHOLE and cycle.keep_alive and not self.pipeline
        if is_usual and len(cycle.parts) == 1 and self.limit_concurrency is None:
            self._lessons_left -= 1
            self._known = learn_head(data, cycle.parts[0], cycle.head) or self._known

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn never keeps it open
        """Keep the way back open for a peer that has said all and still wants its answer."""
        cycle: Any = self.cycle
        if self._state is LINGERING or self.transport.is_closing():
            return False  # all has been said, though not each request was answered
        if type(cycle) is not HotCycle or cycle.state not in _TO_BE_ANSWERED:
            return False
        self._state = self._state.half_closed
        self._end_arrival()
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
        state = cycle.state
        if state is WHOLE:
            if self._body_timer is not None:
                self._body_timer.cancel()
                self._body_timer = None
            self._handle(cycle)
        elif state is REFUSED:
            self._refuse_in_turn(cycle, cycle.refusal or type(self).too_large(cycle))
        elif state is not HANDLED:
            if state is UNASKED:
                cycle.state = state.asked
                self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            if self._body_timer is None:  # only bodies that come in pieces pay for a timer
                self._body_timer = self.loop.call_later(self.body_seconds, self._give_up, cycle)

    def _handle(self, cycle: HotCycle) -> None:
        cycle.state = cycle.state.handed_over
        try:
            type(self).handler(self, cycle)
        except Exception as mistake:  # noqa: BLE001 (the last handler of this route: whatever it is, the caller gets an answer)
            self.fail(cycle, mistake)

    def _give_up(self, cycle: HotCycle) -> None:
        """The body has not come whole in time."""
        self._body_timer = None
        if self._turn is cycle and cycle.state is ARRIVING and not self.transport.is_closing():
            cycle.state = cycle.state.refused
            self._refuse_in_turn(cycle, type(self).too_slow(cycle))

    def _refuse_in_turn(self, cycle: HotCycle, reply: Reply) -> None:
        cycle.keep_alive = False
        self.reply(cycle, reply, lingers=True)

    # Writing

    def fail(self, cycle: HotCycle, mistake: Exception) -> None:
        """Answer a request that ended in a mistake of ours."""
        self.logger.error("hot handler failed", exc_info=mistake)
        if cycle.state is not ANSWERED:
            self.reply(cycle, type(self).failed(cycle))

    def reply(self, cycle: HotCycle, reply: Reply, *, lingers: bool = False) -> None:
        """Write the answer to the request whose turn it is; nothing is written for a peer who has gone.

        Raises:
            ImpossibleEvent: It is answered already, or nothing may be said on this connection any more.
        """
        if cycle.state is LOST or self.transport.is_closing():
            return
        answered = cycle.state.answered
        kind, dated = type(self), self.server_state.default_headers
        if kind._dated is not dated:  # uvicorn puts a new list there once a second
            kind._dated, kind._common = dated, b"".join(b"%b: %b\r\n" % pair for pair in dated)
        if kind.is_closing():
            cycle.keep_alive = False
        more = b"" if cycle.keep_alive else b"connection: close\r\n"
        if kind.more_headers is not None:
            more += kind.more_headers(cycle.head)
        body = reply.body
        head = b"%b%b%bcontent-length: %d\r\n\r\n" % (reply.head, kind._common, more, len(body))
        if len(body) < _COPIED_BYTES_MAX:
            self.transport.write(head + body)
        else:
            self.transport.writelines((head, body))
        cycle.state = answered
        cycle.given_up = self._turn = None
        if not cycle.keep_alive:
            self.pipeline.clear()  # nothing is answered after `connection: close`
            if lingers:
                self._end()
            else:
                self._close()
        self._go_on()

    def _refuse_begun(self, cycle: Any, reply: Reply) -> None:
        """Refuse a request whose body turns out to be none; a hot one when its turn comes."""
        if type(cycle) is not HotCycle:
            super()._refuse_begun(cycle, reply)
        else:
            cycle.state = cycle.state.refused
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
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.state = turn.state.lost
            if turn.given_up is not None:
                turn.given_up()
        super().connection_lost(exc)
