"""Who does not read is let go after a time without progress; who reads slowly gets all of it.

Source: docs/spec/access.md#bounds-on-requests; docs/decisions/http-bounds.md.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.http.protocol.driven import HIGH, PIECE, SEND_SECONDS, Driven

KEEP_ALIVE_SECONDS = 5.0
HOT = b"POST /hot HTTP/1.1\r\nHost: a\r\n%bContent-Length: 4\r\n\r\nabcd"
ORDINARY = b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture
def driven() -> Iterator[Driven]:
    started = Driven()
    yield started
    started.close()


def answer_unread(driven: Driven, way: str) -> None:
    """Have something written that the peer does not read."""
    if way.startswith("fast path"):
        ends = way == "fast path, the last answer"
        driven.wire.send(HOT % (b"Connection: close\r\n" if ends else b""))
        driven.reply(driven.held.popleft(), 30_000 if ends or way == "fast path, kept alive" else 200_000)
        return
    driven.wire.send(ORDINARY % (b"/fail" if way == "ordinary, broken off" else b"/stream"))
    driven.waiting.popleft().set_result(None)
    driven.loop.turn()


WAYS = {
    "fast path": SEND_SECONDS,
    "fast path, the last answer": SEND_SECONDS,
    "fast path, kept alive": KEEP_ALIVE_SECONDS + SEND_SECONDS,
    "ordinary": SEND_SECONDS,
    "ordinary, broken off": SEND_SECONDS,
}


@pytest.mark.parametrize("way", WAYS)
def test_who_reads_nothing_is_let_go(driven: Driven, way: str) -> None:
    answer_unread(driven, way)
    assert driven.wire.unread
    driven.loop.pass_time(WAYS[way] - 0.1)
    assert not driven.wire.has_gone()
    driven.loop.pass_time(0.2)
    assert driven.wire.has_gone()
    driven.loop.turn()
    assert not driven.server.connections
    assert not driven.server.tasks, "the application does not wait for it any more"
    assert driven.loop.next_timer() is None


@pytest.mark.parametrize("way", WAYS)
def test_who_reads_slowly_gets_all_of_it(driven: Driven, way: str) -> None:
    answer_unread(driven, way)
    for _ in range(50):
        driven.wire.take(10)
        driven.loop.pass_time(SEND_SECONDS - 1)
        assert not driven.wire.has_gone()
    while driven.wire.unread:
        driven.wire.take(len(PIECE))
        driven.loop.pass_time(SEND_SECONDS - 1)
    assert driven.wire.written.endswith(b"-" * 10_000)
    assert len(driven.wire.written) > (30_000 if "broken" not in way else len(PIECE))


def test_who_catches_up_again_and_again_is_never_let_go(driven: Driven) -> None:
    """As much is left at each look as at the one before, and all of it has been read meanwhile."""
    for _ in range(20):
        driven.wire.send(HOT % b"")
        driven.reply(driven.held.popleft(), 200_000)
        left = driven.wire.unread
        driven.loop.pass_time(KEEP_ALIVE_SECONDS - 1)
        assert driven.wire.unread == left
        driven.wire.take(left)
    assert not driven.wire.has_gone()


def test_who_owes_nothing_is_not_watched(driven: Driven) -> None:
    """An answer under way that nobody holds up may take as long as it takes, an event stream for ever."""
    driven.wire.send(ORDINARY % b"/whole")
    driven.loop.pass_time(100 * SEND_SECONDS)
    assert not driven.wire.has_gone()
    assert HIGH > driven.wire.unread == 0


def test_nothing_is_said_after_a_refusal_that_ended_the_connection(driven: Driven) -> None:
    """Behind a body that is too large stands what is no request: one refusal is enough."""
    too_large = b"POST /hot HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n" + b"x" * 101
    driven.wire.send(HOT % b"")
    driven.wire.send(too_large + b"\x00")
    driven.reply(driven.held.popleft())
    driven.loop.turn()
    assert [part[:3] for part in driven.wire.written.split(b"HTTP/1.1 ")[1:]] == [b"200", b"413"]
