"""HTTP/1.1 as attackers write it, over raw sockets, with the fast path on, off, and behind CORS.

Whoever reads a request in two ways lets one in that nobody checked. So each is read in one way or refused, and after a
refusal nothing more is read. The inner request has an admin's credentials: were it read, it would be answered.

Source: RFC 9112, 6.3 and 11.2; docs/spec/access.md#bounds-on-requests.
"""

from __future__ import annotations

import pytest

from tests.http.hostile.fronts import MARKER, Front, Fronts, after, assert_refused, id_of
from tests.http.hostile.http_shapes import INNER, NO_REQUESTS, REFUSED, TAKEN, TAKEN_IN_CHUNKS
from tests.quotes.fast_path.wire import Answer, Connection


def assert_answered(connection: Connection, outer_id: bytes) -> Answer:
    """The outer request and the last one are answered, each once, and nothing else."""
    outer, last = connection.answers(2)
    assert (id_of(outer), id_of(last)) == (outer_id, MARKER.encode()), (outer, last)
    assert outer.status < 500
    assert last.status == 200
    assert connection.ends()
    return outer


def inner_of(front: Front) -> bytes:
    return front.written(INNER)


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_be_read_in_two_ways_is_refused(front: Front, name: str) -> None:
    attack = front.begin + front.written(REFUSED[name])
    with front.connect() as fresh, front.connect() as kept:
        assert_refused(fresh.send(attack, front.last))
        kept.send(front.good).answer()
        kept.send(front.good).answer()  # its head is known by now
        assert_refused(after(kept.send(front.good, attack, front.last)))


@pytest.mark.parametrize("name", TAKEN)
def test_a_body_is_a_body_whenever_it_comes(front: Front, name: str) -> None:
    inner = inner_of(front)
    fields = TAKEN[name].replace(b"{length}", str(len(inner)).encode())
    head = front.begin + b"X-Request-ID: outer\r\n" + fields + b"\r\n"
    with front.connect() as whole, front.connect() as late, front.connect() as kept:
        assert_answered(whole.send(head, inner, front.last), b"outer")
        late.send(head)
        kept.send(front.good, front.good).answers(2)
        kept.send(head + inner[:1])
        front.has_read()
        assert_answered(late.send(inner, front.last), b"outer")
        assert_answered(kept.send(inner[1:], front.last), b"outer")


@pytest.mark.parametrize(
    "upgrades", [b"", b"Connection: Upgrade\r\nUpgrade: h2c\r\n"], ids=["alone", "with an upgrade"]
)
@pytest.mark.parametrize("name", TAKEN_IN_CHUNKS)
def test_chunks_are_a_body_whenever_they_come(front: Front, name: str, upgrades: bytes) -> None:
    inner = inner_of(front)
    size = b"%x" % len(inner)
    body = TAKEN_IN_CHUNKS[name].replace(b"{size}", size).replace(b"{SIZE}", size.upper()).replace(b"{inner}", inner)
    body = front.written(body)
    head = front.begin + b"X-Request-ID: outer\r\n" + upgrades + b"Transfer-Encoding: Chunked\r\n\r\n"
    with front.connect() as whole, front.connect() as late, front.connect() as drip:
        assert_answered(whole.send(head, body, front.last), b"outer")
        late.send(head)
        front.has_read()
        assert_answered(late.send(body, front.last), b"outer")
        drip.send(head)
        for place in range(len(body)):
            drip.send(body[place : place + 1])
        assert_answered(drip.send(front.last), b"outer")


def test_trailers_are_no_headers(front: Front) -> None:
    """Credentials in a trailer let nobody in."""
    stranger = b"GET /api/v1/users HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
    with front.connect() as connection:
        trailer = b"Authorization: Bearer " + front.service.admin_token.encode() + b"\r\n\r\n"
        assert connection.send(stranger + trailer).answer().status == 401
    with front.connect() as connection:
        quote = b"POST /api/v1/quote HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
        trailer = b"X-API-Key: " + front.service.api_key.encode() + b"\r\n\r\n"
        assert connection.send(quote + trailer).answer().status == 401


@pytest.mark.parametrize("name", NO_REQUESTS)
@pytest.mark.parametrize("service", ["fast path", "fast path off"])
def test_what_is_no_request_is_refused_at_once(fronts: Fronts, service: str, name: str) -> None:
    """Without waiting for more, which may never come; a request in front of it is answered first."""
    quote = Front(fronts[service], "POST /api/v1/quote")
    with quote.connect() as fresh, quote.connect() as behind:
        assert_refused(fresh.send(NO_REQUESTS[name]))
        assert_refused(after(behind.send(quote.good, NO_REQUESTS[name])))


def test_whoever_is_not_asked_for_the_body_is_not_guessed_at(front: Front) -> None:
    """A client that got its answer instead of `100 Continue` may send its next request, or the body."""
    inner = inner_of(front)
    with front.connect() as connection:
        fields = b"X-API-Key: twice\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(inner)
        connection.send(front.begin + fields)
        first = connection.line()
        if first.startswith(b"HTTP/1.1 100 "):
            connection.send(inner)
            first = connection.line()
        else:
            connection.send(inner)
        assert b"\r\nconnection: close\r\n" in first or front.route.endswith("quote")
        assert not first.startswith(b"HTTP/1.1 5")


def test_nothing_is_answered_behind_a_connection_that_ends(front: Front) -> None:
    closing = front.good.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
    with front.connect() as connection:
        answer = connection.send(closing, inner_of(front)).answer()
        assert answer.closes
        assert connection.ends()


def test_a_request_of_http_1_0_is_the_last(front: Front) -> None:
    old = front.good.replace(b"HTTP/1.1", b"HTTP/1.0", 1).replace(b"\r\n", b"\r\nConnection: keep-alive\r\n", 1)
    with front.connect() as connection:
        assert connection.send(old, inner_of(front)).answer().closes
        assert connection.ends()


def test_blank_lines_in_front_are_passed_over(front: Front) -> None:
    with front.connect() as connection:
        assert connection.send(b"\r\n" * 3, front.good, b"\r\n\n", front.good).answers(2)[1].status < 500
