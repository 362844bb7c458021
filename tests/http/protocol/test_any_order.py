"""Whatever comes in whatever order, each request is answered at most once and in turn, and nothing is left behind.

The protocol itself is driven, on a wire in memory: bytes cut anywhere, answers, mistakes, slow readers, half-closed and
lost connections, time, draining. An event that the tables do not have would be raised here.

Source: docs/decisions/hot-protocol.md; RFC 9112, 9.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from quote_service.platform.http.protocol.states import LOST, ImpossibleEvent
from tests.http.protocol.driven import Driven
from tests.pricing.laws import laws

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_LENGTH = re.compile(rb"content-length: ([0-9]+)", re.IGNORECASE)
_REQUESTS = {
    "hot": b"POST /hot HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n%04d",
    "chunks": b"POST /hot HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n%04d\r\n0\r\n\r\n",
    "asks": b"POST /hot HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n%04d",
    "too large": b"POST /hot HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n%0101d",
    "last": b"POST /hot HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 4\r\n\r\n%04d",
    "bad chunk": b"POST /hot HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx%04d\r\n",
    "no request": b"%04d",
    "ordinary": b"POST /whole?%04d HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
    "ordinary bad chunk": b"POST /whole?%04d HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "early": b"POST /early?%04d HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
    "stream": b"GET /stream?%04d HTTP/1.1\r\nHost: a\r\n\r\n",
    "fail": b"GET /fail?%04d HTTP/1.1\r\nHost: a\r\n\r\n",
    "ordinary last": b"GET /whole?%04d HTTP/1.0\r\n\r\n",
}
# The rest of a connection is soon told when it has come to its end.
_LIKELY = [*["hot", "hot", "chunks", "asks", "ordinary", "early", "stream"] * 2, *sorted(_REQUESTS)]
_REFUSALS = {"bad chunk": {400}, "ordinary bad chunk": {400}, "no request": {400}, "too large": {413}}


def answers_in(written: bytes) -> list[tuple[int, bytes, bool]]:
    """Status, the first of the body, and whether the connection ends, of each answer whose head is there."""
    found = []
    while written:
        if written.startswith(CONTINUE):
            written = written.removeprefix(CONTINUE)
            continue
        head, _, rest = written.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 "), written[:80]
        length = int(_LENGTH.search(head)[1])  # type: ignore[index]  # every answer has one
        found.append((int(head[9:12]), rest[: min(length, 4)], b"\r\nconnection: close" in head))
        written = rest[length:]
    return found


class AnyOrder(RuleBasedStateMachine):
    """One connection, and what its peer, its handler and its clock do."""

    def __init__(self) -> None:
        super().__init__()
        self.driven = Driven()
        self.wire = self.driven.wire
        self.sent: list[str] = []  # the kind of each request, by its number
        self.to_send = b""
        self.has_ended = False
        self.mistaken: set[int] = set()  # the numbers of requests that ended in a mistake

    # The peer

    @rule(kinds=st.lists(st.sampled_from(_LIKELY), min_size=1, max_size=4), is_held_back=st.booleans())
    def writes_requests(self, kinds: list[str], is_held_back: bool) -> None:
        for kind in kinds:
            self.to_send += _REQUESTS[kind] % len(self.sent)
            self.sent.append(kind)
        if not is_held_back:
            self._send(len(self.to_send))

    @precondition(lambda self: self.to_send)
    @rule(count=st.integers(1, 200))
    def sends_a_part(self, count: int) -> None:
        self._send(count)

    def _send(self, count: int) -> None:
        part, self.to_send = self.to_send[:count], self.to_send[count:]
        if part and not self.has_ended:
            self.wire.send(part)

    @rule(count=st.sampled_from([1, 5000, 100_000, 10_000_000]))
    def reads(self, count: int) -> None:
        self.wire.take(count)

    # The server

    @precondition(lambda self: self.driven.held)
    @rule(size=st.sampled_from([0, 0, 0, 10_000, 200_000]))
    def answers(self, size: int) -> None:
        self.driven.reply(self.driven.held.popleft(), size)

    @precondition(lambda self: self.driven.held)
    @rule()
    def ends_in_a_mistake(self) -> None:
        cycle = self.driven.held.popleft()
        self.mistaken.add(int(cycle.body))
        self.driven.protocol.fail(cycle, ValueError("as ordered"))
        self.driven.answered.append(cycle)
        self.driven.loop.turn()

    @precondition(lambda self: self.driven.answered)
    @rule(fails=st.booleans())
    def answers_again(self, fails: bool) -> None:
        before, cycle = self.wire.written, self.driven.answered[-1]
        if fails:
            self.driven.protocol.fail(cycle, ValueError("as ordered"))
        elif cycle.state is LOST or self.wire.is_closing():
            self.driven.reply(cycle)
        else:
            with pytest.raises(ImpossibleEvent):
                self.driven.reply(cycle)
        assert self.wire.written == before

    @precondition(lambda self: self.driven.waiting)
    @rule()
    def answers_an_ordinary_request(self) -> None:
        self.driven.waiting.popleft().set_result(None)
        self.driven.loop.turn()

    @rule(seconds=st.sampled_from([0.1, 0.1, 0.5, 2.0, 5.0, 31.0]))
    def waits(self, seconds: float) -> None:
        self.driven.loop.pass_time(seconds)

    @precondition(lambda self: len(self.sent) > 4)
    @rule(how=st.sampled_from(["goes", "has said all", "drains", "stops", *[""] * 8]))
    def comes_to_an_end(self, how: str) -> None:
        if how == "goes":
            self.wire.lose(ConnectionResetError())
        elif how == "has said all" and not self.has_ended:
            self.has_ended = True
            self.wire.send(None)
        elif how == "drains":
            self.driven.is_draining = True
        elif how == "stops" and not self.wire.has_gone():
            self.driven.protocol.shutdown()
        self.driven.loop.turn()

    # What always holds

    @invariant()
    def each_is_answered_once_and_in_turn(self) -> None:
        answers = answers_in(self.wire.written)
        assert len(answers) <= len(self.sent)
        assert self.wire.written.count(CONTINUE) <= self.sent.count("asks"), "each body is asked for once"
        for number, (status, body, closes) in enumerate(answers):
            kind = self.sent[number]
            assert not closes or number == len(answers) - 1, "nothing is answered after `connection: close`"
            if status == 200:
                assert kind not in ("bad chunk", "no request", "too large")
                assert body == (b"%04d" % number)[: len(body)]
            else:
                assert status in _REFUSALS.get(kind, {504, 500 if number in self.mistaken else 504}), (kind, status)

    @invariant()
    def no_mistake_goes_unseen(self) -> None:
        assert not self.driven.loop.mistakes, self.driven.loop.mistakes
        assert len(self.driven.held) <= 1, "a request is begun when those in front of it are answered"

    def teardown(self) -> None:
        """When all is answered or given up, and all is read or not, the connection ends and leaves nothing behind."""
        try:
            for _ in range(len(self.sent) + 1):
                while self.driven.held:
                    self.driven.reply(self.driven.held.popleft())
                while self.driven.waiting:
                    self.driven.waiting.popleft().set_result(None)
                self.driven.loop.pass_time(200)
                self.each_is_answered_once_and_in_turn()
            assert self.wire.has_gone()
            assert not self.driven.server.connections
            assert not self.driven.server.tasks
            assert self.driven.loop.next_timer() is None
            self.no_mistake_goes_unseen()
        finally:
            self.driven.close()


AnyOrder.TestCase.settings = laws(300)
test_any_order = AnyOrder.TestCase


def test_a_peer_may_end_what_it_sends_after_the_last_word_was_said() -> None:
    state = AnyOrder()
    state.writes_requests(kinds=["hot", "hot"], is_held_back=False)
    state.ends_in_a_mistake()
    state.ends_in_a_mistake()
    state.writes_requests(kinds=["too large", "hot", "hot"], is_held_back=False)
    state.comes_to_an_end(how="has said all")
    state.each_is_answered_once_and_in_turn()
    state.no_mistake_goes_unseen()
    state.teardown()
