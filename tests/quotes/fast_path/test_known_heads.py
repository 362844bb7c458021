"""A client that sends the same head again has it read already; whatever else it sends is parsed as ever.

Each test says how many requests went the short way, so that it cannot pass without it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pricing.laws import examples
from tests.quotes.fast_path.protocol_server import MAX_BODY_BYTES, ProtocolServer, protocol_server
from tests.quotes.fast_path.wire import Connection, chunked, request


@pytest.fixture(scope="module")
def server() -> Iterator[ProtocolServer]:
    with protocol_server() as running:
        yield running


@pytest.fixture
def connection(server: ProtocolServer) -> Iterator[Connection]:
    server.recognised = 0
    with Connection(server.port) as opened:
        assert opened.send(request(b"first")).answer().body == b"hot:first"
        yield opened


def ask(connection: Connection, body: bytes, **headers: str) -> bytes:
    return connection.send(request(body, headers=headers)).answer().body


def test_bodies_of_other_lengths(server: ProtocolServer, connection: Connection) -> None:
    bodies = [b"x", b"", b"y" * MAX_BODY_BYTES, b"of\r\n\r\ntwo parts", b"content-length: 3\r\n\r\n"]
    assert [ask(connection, body) for body in bodies] == [b"hot:" + body for body in bodies]
    assert server.recognised == len(bodies)


def test_another_head_is_read_again(server: ProtocolServer, connection: Connection) -> None:
    """With the same length: the values are the request's own, never the ones before."""
    said = [ask(connection, b"header x-name", **{"X-Name": name}) for name in ("one", "two", "two", "one")]
    assert said == [b"one", b"two", b"two", b"one"]
    assert ask(connection, b"header x-name") == b"none"


def test_heads_that_all_differ_are_parsed(server: ProtocolServer, connection: Connection) -> None:
    said = [ask(connection, b"header x-name", **{"X-Name": str(number)}) for number in range(20)]
    assert said == [str(number).encode() for number in range(20)]
    assert server.recognised == 0


@pytest.mark.parametrize("parts", [2, 3, 50])
def test_a_known_head_in_pieces(server: ProtocolServer, connection: Connection, parts: int) -> None:
    whole = request(b"some body")
    step = len(whole) // parts + 1
    for start in range(0, len(whole), step):
        connection.send(whole[start : start + step])
    assert connection.answer().body == b"hot:some body"
    assert ask(connection, b"next") == b"hot:next"


def test_two_at_once(connection: Connection) -> None:
    connection.send(request(b"one"), request(b"two"), request(b"three"))
    assert [answer.body for answer in connection.answers(3)] == [b"hot:one", b"hot:two", b"hot:three"]


def test_one_behind_another_that_waits(server: ProtocolServer, connection: Connection) -> None:
    connection.send(request(b"wait ahead"))
    while not server.has("ahead"):
        pass
    connection.send(request(b"behind"))
    server.release("ahead")
    assert [answer.body for answer in connection.answers(2)] == [b"hot:wait ahead", b"hot:behind"]


def test_ordinary_and_chunked_requests_between(server: ProtocolServer, connection: Connection) -> None:
    assert ask(connection, b"one") == b"hot:one"
    assert connection.send(request(b"two", "/other")).answer().body.startswith(b"asgi:POST")
    assert ask(connection, b"three") == b"hot:three"
    assert connection.send(chunked(b"fo", b"ur")).answer().body == b"hot:four"
    assert ask(connection, b"five") == b"hot:five"
    assert server.recognised == 3


def test_too_large_a_body_is_refused(connection: Connection) -> None:
    answer = connection.send(request(b"x" * (MAX_BODY_BYTES + 1))).answer()
    assert (answer.status, answer.closes) == (413, True)


@pytest.mark.parametrize("length", [b"-1", b"+5", b"5 ", b"0x5", b"5, 5", b"99999999999999999999", b"", b"\xb2"])
def test_a_length_that_is_none_is_refused(connection: Connection, length: bytes) -> None:
    connection.send(request(b"12345").replace(b"Content-Length: 5", b"Content-Length: " + length))
    assert connection.answer().status in ((200,) if length == b"5 " else (400, 413))


def test_a_connection_that_is_to_be_closed(server: ProtocolServer, connection: Connection) -> None:
    answer = connection.send(request(b"bye", headers={"Connection": "close"})).answer()
    assert answer.closes
    assert connection.ends()
    assert server.recognised == 0


@given(
    bodies=st.lists(st.binary(max_size=60).map(lambda body: b"=" + body.hex().encode()), min_size=1, max_size=8),
    data=st.data(),
)
@settings(max_examples=examples(60), deadline=None)
def test_however_the_bytes_are_cut(server: ProtocolServer, bodies: list[bytes], data: st.DataObject) -> None:
    """What comes of a stream of requests does not depend on where it was cut."""
    stream = b"".join(request(body) for body in bodies)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(stream) - 1), max_size=6)))
    with Connection(server.port) as connection:
        assert ask(connection, b"first") == b"hot:first"
        for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
            connection.send(stream[start:end])
        assert [answer.body for answer in connection.answers(len(bodies))] == [b"hot:" + body for body in bodies]
