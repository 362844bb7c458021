"""What HTTP/1.1 promises, over raw sockets: on uvicorn's own protocol with one hot route beside the application.

Every test that pipelines or cuts requests holds what `hot_protocol.py` leans on of uvicorn's insides.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.fixtures.serve import until
from tests.quotes.fast_path.protocol_server import (
    HUGE_BYTES,
    LARGE_BYTES,
    MAX_BODY_BYTES,
    ProtocolServer,
    protocol_server,
)
from tests.quotes.fast_path.wire import Connection, chunked, request

EXPECT = {"Expect": "100-continue"}


@pytest.fixture(scope="module")
def server() -> Iterator[ProtocolServer]:
    with protocol_server() as running:
        yield running


@pytest.fixture(scope="module")
def hasty() -> Iterator[ProtocolServer]:
    """A server for connections that are cut whatever happens."""
    with protocol_server(arrival_seconds=0.2) as running:
        yield running


@pytest.fixture(scope="module")
def brisk() -> Iterator[ProtocolServer]:
    """A server whose keep-alive time is waited out."""
    with protocol_server(keep_alive_seconds=1) as running:
        yield running


@pytest.fixture
def connection(server: ProtocolServer) -> Iterator[Connection]:
    with Connection(server.port) as opened:
        yield opened


def bodies(connection: Connection, count: int) -> list[bytes]:
    return [answer.body for answer in connection.answers(count)]


def test_a_connection_is_kept_alive(connection: Connection) -> None:
    for body in (b"one", b"two", b""):
        answer = connection.send(request(body)).answer()
        assert (answer.status, answer.body, answer.closes) == (200, b"hot:" + body, False)
        assert b"date" in answer.headers


def test_a_connection_that_nobody_uses_is_closed(brisk: ProtocolServer) -> None:
    with Connection(brisk.port) as connection:
        connection.send(request(b"one")).answer()
        assert connection.ends()


def test_a_connection_is_not_closed_while_its_answer_is_waited_for(brisk: ProtocolServer) -> None:
    """Longer than the keep-alive time: an idle connection beside it, opened later, is closed first."""
    with Connection(brisk.port) as waiting, Connection(brisk.port) as idle:
        waiting.send(request(b"wait patience"))
        idle.send(request(b"one")).answer()
        assert idle.ends()
        brisk.release("patience")
        assert waiting.answer().body == b"hot:wait patience"


def test_what_is_pipelined_is_answered_in_order_whichever_way_it_goes(
    server: ProtocolServer, connection: Connection
) -> None:
    connection.send(
        request(b"a"),
        request(path="/other", method="GET"),
        request(b"b"),
        request(b"wait turn"),
        request(b"c"),
        request(b"x", path="/api/v1/quote?x=1"),
        request(b"y", path="/api/v1/quotes"),
        request(b"", method="GET"),
        request(b"d"),
    )
    assert bodies(connection, 3) == [b"hot:a", b"asgi:GET /other? ", b"hot:b"]
    until(lambda: server.has("turn"), "the fourth waits")
    assert b"c" not in server.handled, "no request is begun before those in front of it are answered"
    server.release("turn")
    assert bodies(connection, 6) == [
        b"hot:wait turn",
        b"hot:c",
        b"asgi:POST /api/v1/quote?x=1 x",
        b"asgi:POST /api/v1/quotes? y",
        b"asgi:GET /api/v1/quote? ",
        b"hot:d",
    ]


def test_three_thousand_pipelined_requests(server: ProtocolServer, connection: Connection) -> None:
    connection.send(request(b"wait crowd"), *(request(b"%d" % number) for number in range(3000)))
    server.release("crowd")
    assert bodies(connection, 3001) == [b"hot:wait crowd", *(b"hot:%d" % number for number in range(3000))]


def test_an_ordinary_request_sees_all_its_headers(connection: Connection) -> None:
    connection.send(request(b"a"), request(b"b", path="/other", headers={"X-One": "1", "X-Two": "2"}))
    assert connection.answers(2)[1].headers[b"saw-headers"] == b"4"


def test_a_body_is_asked_for_when_the_client_waits_to_be(connection: Connection) -> None:
    connection.send(request(b"", length=3, headers=EXPECT))
    assert connection.line() == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert connection.send(b"abc").answer().body == b"hot:abc"


def test_a_body_that_comes_at_once_is_not_asked_for(connection: Connection) -> None:
    assert connection.send(request(b"abc", headers=EXPECT)).answer().status == 200


def test_a_body_too_large_is_refused_instead_of_asked_for(connection: Connection) -> None:
    answer = connection.send(request(b"", length=MAX_BODY_BYTES + 1, headers=EXPECT)).answer()
    assert (answer.status, answer.closes) == (413, True)
    assert connection.ends()


def test_a_body_is_asked_for_only_when_its_turn_has_come(server: ProtocolServer, connection: Connection) -> None:
    connection.send(request(b"wait ask"), request(b"", length=3, headers=EXPECT))
    server.release("ask")
    assert connection.answer().body == b"hot:wait ask"
    assert connection.line() == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert connection.send(b"abc").answer().body == b"hot:abc"


def test_a_body_of_the_largest_size(connection: Connection) -> None:
    assert connection.send(request(b"x" * MAX_BODY_BYTES)).answer().status == 200


def test_a_body_that_announces_too_much_is_refused_before_it_is_read(connection: Connection) -> None:
    answer = connection.send(request(b"x" * 1000, length=5_000_000)).answer()
    assert (answer.status, answer.body, answer.closes) == (413, b"too large", True)
    # Whoever goes on sending may, for a while, so that his answer is not lost to a reset.
    connection.send(b"y" * 100_000)
    assert connection.ends()


def test_a_body_in_chunks(connection: Connection) -> None:
    assert connection.send(chunked(b"abc", b"de"), request(b"next")).answer().body == b"hot:abcde"
    assert connection.answer().body == b"hot:next"


def test_chunks_that_add_up_to_too_much_are_refused_as_soon_as_they_do(connection: Connection) -> None:
    connection.send(chunked(*[b"x" * 1000] * 3, ends=False))
    answer = connection.answer()
    assert (answer.status, answer.closes) == (413, True)
    assert connection.ends()


def test_nothing_is_answered_after_a_refusal(server: ProtocolServer, connection: Connection) -> None:
    connection.send(request(b"x" * 3000), request(b"behind a refusal"), request(path="/other", method="GET"))
    assert connection.answer().status == 413
    connection.send(request(b"after a refusal"))
    assert connection.ends()
    assert not {b"behind a refusal", b"after a refusal"} & set(server.handled)


def test_a_refusal_waits_for_its_turn(server: ProtocolServer, connection: Connection) -> None:
    connection.send(request(b"wait refusal"), request(length=99_999))
    server.release("refusal")
    assert [answer.status for answer in connection.answers(2)] == [200, 413]


@pytest.mark.parametrize(
    "ending",
    [request(b"a", version="1.0"), request(b"a", headers={"Connection": "close"})],
    ids=["HTTP/1.0", "Connection: close"],
)
def test_the_last_request_of_a_connection(connection: Connection, ending: bytes) -> None:
    answer = connection.send(ending).answer()
    assert (answer.status, answer.closes) == (200, True)
    assert connection.ends()


@pytest.mark.parametrize(
    "wrong",
    [
        b"POST /api/v1/quote HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /api/v1/quote HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        b"POST /api/v1/quote HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"POST /api/v1/quote HTTP/1.1\r\nHost: a\r\nContent-Length: -3\r\n\r\nabc",
        b"POST /api/v1/quote HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\nabc",
        b"POST /api/v1/quote HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
        b"POST /api/v1/quote HTTP/1.1\r\nHost: a\r\nBad Name: x\r\nContent-Length: 1\r\n\r\na",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=["length and chunks", "chunks and length", "two lengths", "negative", "huge", "bad chunk", "bad name", "TLS"],
)
def test_what_is_no_http_is_refused(server: ProtocolServer, connection: Connection, wrong: bytes) -> None:
    handled = len(server.handled)
    answer = connection.send(wrong).answer()
    assert (answer.status, answer.closes) == (400, True)
    assert connection.ends()
    assert len(server.handled) == handled


@pytest.mark.parametrize("path", ["/api/v1/quote", "/other"])
@pytest.mark.parametrize("protocol", ["h2c", "websocket", "TLS/1.0", "HTTP/2.0"])
def test_an_upgrade_is_passed_over(server: ProtocolServer, connection: Connection, path: str, protocol: str) -> None:
    """The body is a body however late it comes, and what stands in it is no request."""
    inner = request(b"smuggled")
    sent = request(b"", path, length=len(inner), headers={"Connection": "Upgrade, x", "UPGRADE": protocol})
    connection.send(sent)
    with Connection(server.port) as other:  # answered when the head has long been read
        other.send(request(b"a")).answer()
    connection.send(inner, request(b"next"))
    first, second = connection.answers(2)
    assert first.body.endswith(inner)
    assert second.body == b"hot:next"
    assert b"smuggled" not in server.handled


def test_an_upgrade_in_chunks_is_passed_over(server: ProtocolServer, connection: Connection) -> None:
    connection.send(chunked(request(b"smuggled"), headers={"Connection": "upgrade", "Upgrade": "h2c"}))
    assert connection.answer().body == b"hot:" + request(b"smuggled")


def test_nobody_is_connected_through(connection: Connection) -> None:
    answer = connection.send(b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", request(b"through")).answer()
    assert (answer.status, answer.closes) == (400, True)
    assert connection.ends()


def test_a_request_byte_by_byte(connection: Connection) -> None:
    connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in request(b"abc"):
        connection.send(bytes([byte]))
    assert connection.answer().body == b"hot:abc"


@pytest.mark.parametrize("headers", [{}, EXPECT], ids=["", "100-continue"])
def test_a_body_that_stalls_is_given_up(connection: Connection, headers: dict[str, str]) -> None:
    connection.send(request(b"ab" if not headers else b"", length=3, headers=headers))
    if headers:
        connection.line()
    answer = connection.answer()
    assert (answer.status, answer.body, answer.closes) == (504, b"too slow", True)
    assert connection.ends()


def test_a_stalled_body_behind_other_requests(connection: Connection) -> None:
    connection.send(request(b"a"), request(b"ab", length=3))
    assert [answer.status for answer in connection.answers(2)] == [200, 504]


@pytest.mark.parametrize(
    "part",
    [b"", b"POST /api/v1/quo", b"GET /other HTTP/1.1\r\nHost: loc", request(b"ab", path="/other", length=3)],
    ids=["nothing", "half a line", "half a head", "half an ordinary body"],
)
def test_a_connection_on_which_no_request_arrives_whole_is_closed(hasty: ProtocolServer, part: bytes) -> None:
    with Connection(hasty.port) as connection:
        assert connection.send(part).ends()


def test_half_a_request_after_a_whole_one(brisk: ProtocolServer) -> None:
    with Connection(brisk.port) as connection:
        connection.send(request(b"a"), b"GET /other HTTP/1.1\r\n")
        assert connection.answer().status == 200
        assert connection.ends()


def test_the_time_of_a_request_that_came_in_pieces_ends_with_its_last(
    server: ProtocolServer, connection: Connection
) -> None:
    """Its answer may take longer: another connection is opened later and cut, and this one is still there."""
    whole = request(b"wait pieces")
    connection.send(whole[:20])
    with Connection(server.port) as second:
        second.send(request(b"a")).answer()  # the first part has been read
        connection.send(whole[20:])
        until(lambda: server.has("pieces"), "it waits")
        second.send(whole[:20])
        assert second.ends()
    server.release("pieces")
    assert connection.answer().status == 200


def test_a_mistake_is_a_500_and_the_connection_goes_on(server: ProtocolServer, connection: Connection) -> None:
    connection.send(request(b"fail"), request(b"fail later mistake"), request(b"a"))
    server.release("mistake")
    assert [(answer.status, answer.body) for answer in connection.answers(3)] == [
        (500, b"failed"),
        (500, b"failed"),
        (200, b"hot:a"),
    ]


def test_a_mistake_after_the_answer_is_no_second_answer(connection: Connection) -> None:
    connection.send(request(b"fail after"), request(b"a"))
    assert bodies(connection, 2) == [b"hot:fail after", b"hot:a"]
    connection.send(request(b"fail after")).answer()
    connection.send(request(b"fail after")).answer()
    assert connection.send(request(b"b")).answer().body == b"hot:b"


def test_a_client_that_has_said_all_still_gets_its_answers(server: ProtocolServer, connection: Connection) -> None:
    connection.send(request(b"wait said"), request(b"a"))
    until(lambda: server.has("said"), "the first waits")
    connection.socket.shutdown(socket.SHUT_WR)
    server.release("said")
    assert bodies(connection, 2) == [b"hot:wait said", b"hot:a"]
    assert connection.ends()


def test_a_client_that_has_said_half_is_let_go(server: ProtocolServer, connection: Connection) -> None:
    connection.send(request(b"ab", length=3))
    connection.socket.shutdown(socket.SHUT_WR)
    assert connection.ends()


def test_a_client_that_went_while_more_was_pipelined_frees_its_connection(server: ProtocolServer) -> None:
    """The loss is noticed at the next answer only, since nothing is read meanwhile."""
    with Connection(server.port) as gone:
        gone.send(request(b"wait crowded"), *[request(b"a")] * 100)
        until(lambda: server.has("crowded"), "the first waits")
        gone.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    server.release("crowded")
    until(lambda: server.connections() == 0, "the connection has gone")


def test_a_client_that_went_is_not_answered(server: ProtocolServer) -> None:
    until(lambda: server.connections() == 0, "the connections of other tests have gone")
    with Connection(server.port) as gone:
        gone.send(request(b"wait gone"))
        until(lambda: server.has("gone"), "the first waits")
        gone.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # closes with a reset
    until(lambda: server.connections() == 0, "the loss has been noticed")
    server.release("gone")
    with Connection(server.port) as other:
        assert other.send(request(b"other")).answer().status == 200


def test_a_slow_reader_is_not_written_to_without_end(server: ProtocolServer) -> None:
    """200 answers of 300 kB: those that the reader has not room for are not even begun."""
    with Connection(server.port, receive_buffer_bytes=65_536) as slow:
        slow.send(*[request(b"large")] * 200)
        with Connection(server.port) as other:  # the server has had its turns by the time others are answered
            for _ in range(50):
                other.send(request(b"a")).answer()
        assert server.handled.count(b"large") < 100
        assert {len(answer.body) for answer in slow.answers(200)} == {LARGE_BYTES}


@pytest.mark.parametrize(
    "asked",
    [request(b"huge"), request(b"huge", headers={"Connection": "close"}), request(path="/huge")],
    ids=["fast path", "fast path, the last", "ordinary"],
)
def test_a_client_that_reads_nothing_is_let_go(server: ProtocolServer, asked: bytes) -> None:
    """The answer has begun to come and is broken off: it is not held for a reader who takes none of it."""
    until(lambda: server.connections() == 0, "the connections of other tests have gone")
    with Connection(server.port, receive_buffer_bytes=65_536) as idle:
        idle.send(asked)
        until(lambda: server.connections() == 1, "it is connected")
        until(lambda: server.connections() == 0, "it has been let go")
        assert len(idle.all_of_it()) < HUGE_BYTES


def test_when_the_service_drains_each_answer_is_the_last(server: ProtocolServer, connection: Connection) -> None:
    connection.send(request(b"wait drain"), request(b"behind"))
    until(lambda: server.has("drain"), "it waits")
    server.is_closing = True
    try:
        server.release("drain")
        answer = connection.answer()
        assert (answer.body, answer.closes) == (b"hot:wait drain", True)
        assert connection.ends()
    finally:
        server.is_closing = False


def test_a_server_that_stops_answers_what_it_has_begun() -> None:
    with protocol_server() as stopping, Connection(stopping.port) as busy, Connection(stopping.port) as idle:
        busy.send(request(b"wait stop"))
        idle.send(request(b"a")).answer()
        until(lambda: stopping.has("stop"), "it waits")
        stopping.server.should_exit = True
        assert idle.ends()
        stopping.release("stop")
        answer = busy.answer()
        assert (answer.body, answer.closes) == (b"hot:wait stop", True)
        assert busy.ends()
