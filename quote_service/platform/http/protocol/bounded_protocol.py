"""uvicorn's httptools protocol with bounds: on what a head may hold, on the time a request may take to come whole.

Every route stands behind it, whether the fast path is on or off. Heads and bodies are cut apart here (`head_reader.py`,
`body_framing.py`) and given to the parser one by one, so that nothing reaches it unbounded and no byte of a body can be
taken for a request. `Upgrade` is passed over (RFC 9110, 7.8): the request is answered as if it had not been sent.

Source: docs/spec/access.md#bounds-on-requests; `docs/decisions/http-bounds.md`.
"""

import asyncio
import re
from typing import Any, ClassVar

import httptools

from quote_service.platform.http.protocol.body_framing import Chunks, length_of_body
from quote_service.platform.http.protocol.head_reader import (
    BAD_REQUEST,
    COOKIE_BYTES_MAX,
    FIELDS_TOO_LARGE,
    HeadReader,
    RequestRefused,
)
from quote_service.platform.http.protocol.hot_cycle import Reply
from quote_service.platform.http.protocol.refusals import refusal
from quote_service.platform.http.protocol.resting_connections import RestingProtocol
from quote_service.platform.http.protocol.states import (
    ANSWERING,
    BODY,
    CLOSED,
    CLOSING,
    HEAD,
    LINGERING,
    REST,
)
from quote_service.platform.http.protocol.targets import is_host, read_target

# How long a refused sender may go on sending before the connection is cut: closing at once would reset it before the
# answer has been read.
LINGER_SECONDS = 1.0
# In which what comes is dropped; and in which a request has come in part.
DEAF = (CLOSING, LINGERING, CLOSED)
_PARTIAL = (BODY, HEAD, REST)
_UPGRADE = re.compile(rb"\r\nupgrade:[^\r\n]*", re.IGNORECASE)


def bounded_protocol(arrival_seconds: float) -> type[asyncio.Protocol]:
    """The protocol class of a server whose application answers everything."""
    return type("TimedProtocol", (BoundedProtocol,), {"arrival_seconds": arrival_seconds})


class BoundedProtocol(RestingProtocol):
    """uvicorn's protocol, with bounds."""

    # How long a request of any route may take to come whole, and a new connection to send one: uvicorn waits for ever.
    arrival_seconds: ClassVar[float] = 30.0
    _last_word: Reply | None = None  # the refusal that is written when all before it have been answered
    _version: str = ""
    _named: dict[bytes, bytes]  # headers of the head that is being read
    _left: int = 0  # of a body of known length
    _chunks: Chunks | None = None  # of a body in chunks
    _arrival_timer: asyncio.TimerHandle | None = None

    # Reading

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Give a new connection its time."""
        super().connection_made(transport)
        self._heads = HeadReader()
        self._arrival_timer = self.loop.call_later(self.arrival_seconds, self._cut)

    def data_received(self, data: bytes) -> None:
        """Read what came."""
        if self._state not in DEAF:
            self._read(data)

    def _read(self, data: bytes) -> None:
        try:
            self._cut_apart(data)
        except RequestRefused as refused:
            self._refuse(refused.status)
        except httptools.HttpParserError as broken:
            # What a callback raises comes wrapped.
            cause = broken.__context__
            self._refuse(cause.status if isinstance(cause, RequestRefused) else BAD_REQUEST)
        state = self._state
        if state is not ANSWERING and state in _PARTIAL and self._arrival_timer is None:
            self._arrival_timer = self.loop.call_later(self.arrival_seconds, self._cut)

    def _cut_apart(self, data: bytes) -> None:
        """Give the parser each head whole, and of what follows no more than belongs to its body."""
        start, end = 0, len(data)
        while start < end and self._state is not CLOSING:
            state = self._state
            if state is BODY or state is REST:
                start = self._feed_body(data, start)
                continue
            head, start = self._heads.read(data, start)
            if head is not None:
                self._feed_head(head)
            elif not self._heads.is_empty:
                self._state = state.head_begun
                self._idle_since = 0.0

    def _feed_head(self, head: bytes) -> None:
        try:
            self.parser.feed_data(head)
        except httptools.HttpParserUpgrade:
            if self.parser.get_method() == b"CONNECT":  # has no body, and nothing to say to us
                raise RequestRefused(BAD_REQUEST) from None
            self.parser = httptools.HttpRequestParser(self)  # the other believes that HTTP has ended
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
            self.parser.feed_data(_UPGRADE.sub(b"", head))
        if (self._state in _PARTIAL) != (self._left > 0 or self._chunks is not None):
            raise RequestRefused(BAD_REQUEST)

    def _feed_body(self, data: bytes, start: int) -> int:
        """Give the parser what belongs to the body, and answer where that ends."""
        if self._chunks is None:
            stop = min(len(data), start + self._left)
            self._left -= stop - start
            is_over = self._left == 0
        else:
            stop = self._chunks.end_of_message(data, start)
            is_over = self._chunks.is_over
        self.parser.feed_data(data if stop - start == len(data) else data[start:stop])
        if is_over == (self._state in _PARTIAL):  # two readers of one body disagree about its end
            raise RequestRefused(BAD_REQUEST)
        return stop

    # What the parser tells

    def on_message_begin(self) -> None:
        """Start a request without the scope that only an ordinary one needs."""
        self._state = self._state.head_begun
        self._idle_since = 0.0
        self._left = 0
        self._chunks = None
        self.url = b""
        self.expect_100_continue = False
        self.headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header. This runs for each of them; what they say is read from all together."""
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Learn where the body ends, and let the request begin."""
        parser, headers = self.parser, self.headers
        if parser.should_upgrade():
            return  # it is read once more
        self._version = version = parser.get_http_version()
        self._named = named = dict(headers)
        length = length_of_body(headers, named, version)
        if not is_host(named.get(b"host", b"")):
            raise RequestRefused(BAD_REQUEST)
        if b"cookie" in named and sum([len(value) for name, value in headers if name == b"cookie"]) > COOKIE_BYTES_MAX:
            raise RequestRefused(FIELDS_TOO_LARGE)
        if not self.url.startswith(b"/"):
            self.url, host = read_target(self.url, parser.get_method())
            if host is not None:
                named[b"host"] = host
                self.headers = headers = [*(pair for pair in headers if pair[0] != b"host"), (b"host", host)]
        if length is None:
            self._chunks = Chunks()
        else:
            self._left = length
        if b"expect" in named and version != "1.0":  # RFC 9110, 10.1.1
            self.expect_100_continue = any(
                name == b"expect" and value.lower() == b"100-continue" for name, value in headers
            )
        self._state = self._state.head_read
        self._begin()
        self.headers = []  # what comes now are trailers, which are no headers: RFC 9110, 6.5.1

    def _begin(self) -> None:
        """Make a cycle of the request, and start it or let it wait for its turn."""
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()  # makes the scope, which then takes what has been read
        self.headers += headers
        self.url, self.expect_100_continue = url, expects
        super().on_headers_complete()
        if expects:
            # Whoever is answered without having been asked for the body may send it or not: nobody knows what follows.
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """Note that a request is whole."""
        if self._state is HEAD:
            return  # it upgrades, and is read once more
        # Nothing is answered after `connection: close`.
        self._state = self._state.body_read if self.cycle.keep_alive else self._state.last_read
        if self._arrival_timer is not None:
            self._end_arrival()
        self._completed()

    def _completed(self) -> None:
        """Tell the cycle that its body is whole."""
        super().on_message_complete()

    def _cut(self) -> None:
        """Nothing, or not all of a request, has come in the time that it has."""
        self._arrival_timer = None
        if self.flow.read_paused:  # it is we who do not read
            self._arrival_timer = self.loop.call_later(self.arrival_seconds, self._cut)
        else:
            self._close()

    def _end_arrival(self) -> None:
        if self._arrival_timer is not None:
            self._arrival_timer.cancel()
            self._arrival_timer = None

    # Refusing

    def _refuse(self, status: int) -> None:
        """Refuse the request that the parser is at, when all before it have been answered; nothing comes after it."""
        is_begun = self._state is BODY or self._state is REST
        self._state = self._state.refused
        self._end_arrival()
        reply = refusal(status)
        if is_begun:
            self._refuse_begun(self.cycle, reply)
        elif self.cycle is None or self.cycle.response_complete:
            self._say_last(reply)
        else:
            self._last_word = reply

    def _refuse_begun(self, cycle: Any, reply: Reply) -> None:
        """Refuse a request whose body turns out to be none."""
        if self.pipeline and self.pipeline[0][0] is cycle:  # nobody has heard of it
            self.pipeline.popleft()
            self._last_word = reply
        elif cycle.response_complete:
            self._end()
        elif cycle.response_started:
            self._close()
        else:
            cycle.disconnected = True
            cycle.message_event.set()
            self._say_last(reply)

    def _say_last(self, reply: Reply) -> None:
        if not self.transport.is_closing():
            dated = b"".join(b"%b: %b\r\n" % pair for pair in self.server_state.default_headers)
            head = b"%b%bconnection: close\r\ncontent-length: %d\r\n\r\n" % (reply.head, dated, len(reply.body))
            self.transport.write(head + reply.body)
            self._end()

    def _end(self) -> None:
        """Say no more, and hang up when the peer has had time to read what was said."""
        if not self.transport.is_closing():
            self._state = self._state.said_last
            self.transport.write_eof()
            self.flow.resume_reading()
            self.loop.call_later(LINGER_SECONDS, self._close)

    # Going on

    def on_response_complete(self) -> None:
        """Go on after the answer to an ordinary request."""
        if self.transport.is_closing():  # uvicorn has closed it
            self._close()
        self._go_on()

    def _go_on(self) -> None:
        """Go on with what is pipelined, or rest."""
        self.server_state.total_requests += 1
        if self._state is CLOSED or self._state is LINGERING:
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._state = self._state.answered
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
            return
        self._state = self._state.answered_all
        if self._last_word is not None:
            self._say_last(self._last_word)
            return
        self._rest()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what was still to come."""
        self._end_arrival()
        super().connection_lost(exc)
