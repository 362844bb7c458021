"""Heads without an end, of many fields, of long values: refused by their size before they are kept, on every route.

Source: docs/spec/access.md#bounds-on-requests; RFC 6585, 5; RFC 9110, 15.5.15.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator

import pytest

from quote_service.platform.http.protocol.head_reader import FIELDS_MAX, HEAD_BYTES_MAX, REQUEST_LINE_BYTES_MAX
from tests.http.hostile.fronts import Front, Fronts, after, assert_refused
from tests.quotes.fast_path.wire import Connection

SEGMENT = 1400
END = b"\r\n\r\n"
GROWTH_BYTES_MAX = 32 << 20
ENDLESS_BYTES = 100 << 20


def with_fields(front: Front, count: int) -> bytes:
    """A request with so many fields."""
    head, end, body = front.good.partition(END)
    more = count - head.count(b"\r\n")
    return head + b"".join(b"\r\nX-%d: x" % number for number in range(more)) + end + body


def with_head(front: Front, size: int) -> bytes:
    """A request whose head has so many bytes."""
    head, end, body = front.good.partition(END)
    name = b"\r\nX-Long: "
    return head + name + b"x" * (size - len(head) - len(name) - len(end)) + end + body


def with_line(front: Front, size: int) -> bytes:
    """A request whose line has so many bytes, without its end."""
    line, end, rest = front.good.partition(b"\r\n")
    return line.replace(b" HTTP", b"?" + b"x" * (size - len(line) - 1) + b" HTTP") + end + rest


def in_segments(connection: Connection, sent: bytes) -> Connection:
    for start in range(0, len(sent), SEGMENT):
        connection.send(sent[start : start + SEGMENT])
    return connection


def test_the_largest_heads_are_read(front: Front) -> None:
    for largest in (with_fields(front, FIELDS_MAX), with_head(front, HEAD_BYTES_MAX)):
        with front.connect() as whole, front.connect() as parts:
            expected = whole.send(front.good).answer().status
            assert whole.send(largest, front.good).answer().status == expected
            assert in_segments(parts, largest + front.good).answers(2)[0].status == expected
    with front.connect() as connection:
        answer = connection.send(with_line(front, REQUEST_LINE_BYTES_MAX)).answer()
        assert answer.status not in (414, 431)


@pytest.mark.parametrize("way", ["whole", "in segments", "behind another", "without an end"])
def test_what_is_larger_is_refused(front: Front, way: str) -> None:
    too_large = [
        (with_fields(front, FIELDS_MAX + 1), 431),
        (with_head(front, HEAD_BYTES_MAX + 1), 431),
        (with_line(front, REQUEST_LINE_BYTES_MAX + 1), 414),
        (with_line(front, 200_000), 414),
        (with_fields(front, 20_000), 431),
        (with_head(front, 1_000_000), 431),
    ]
    for sent, status in too_large:
        with front.connect() as connection:
            connection.send(front.good).answer()
            if way == "behind another":
                after(connection.send(front.good, sent))
            elif way == "in segments":
                send_what_goes(connection, sent)
            else:
                connection.send(sent if way == "whole" else sent.partition(END)[0] + b"\r\nX: x\r\nX: x")
            assert_refused(connection, status)


@pytest.mark.parametrize(
    "extra",
    [
        b"0\r\n" + b"X: x\r\n" * (FIELDS_MAX + 1) + b"\r\n",
        b"0\r\nX: " + b"x" * HEAD_BYTES_MAX + END,
        b"1;" + b"x" * HEAD_BYTES_MAX + b"\r\nx\r\n0" + END,
        b"1;x=1234567890\r\nx\r\n" * 10_000 + b"0" + END,
        b"1\r\nx\r\n" * 40_000 + b"0" + END,
        b"0\r\nX: " + b"x" * HEAD_BYTES_MAX,
        b"1;" + b"x" * HEAD_BYTES_MAX,
        b"0" * (HEAD_BYTES_MAX + 1),
    ],
    ids=[
        *("trailers", "a long trailer", "a long extension", "extensions", "chunks of a byte"),
        *("an endless trailer", "an endless extension", "an endless size"),
    ],
)
def test_what_comes_with_chunks_is_bounded_too(front: Front, extra: bytes) -> None:
    """A body of few bytes among many others; a route that answers before it has read the body says no more then."""
    head = front.begin + b"Transfer-Encoding: chunked" + END
    for cut in (len(extra), SEGMENT):
        with front.connect() as connection:
            connection.send(head)
            for start in range(0, len(extra), cut):
                if not sent(connection, extra[start : start + cut]):
                    break
            answer = connection.answer()
            if front.route.startswith("GET"):
                assert answer.status in (200, 400, 431)
            else:
                assert answer.status == 431
            assert connection.ends()


def send_what_goes(connection: Connection, whole: bytes) -> None:
    for start in range(0, len(whole), SEGMENT):
        if not sent(connection, whole[start : start + SEGMENT]):
            return


def sent(connection: Connection, part: bytes) -> bool:
    """Whether the peer still took it."""
    try:
        connection.send(part)
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


def endless(kind: str) -> Iterator[bytes]:
    yield b"GET /" if kind == "path" else b"GET / HTTP/1.1\r\nHost: x\r\nX: "
    piece = {"fields": b"Name: value\r\n" * 5000, "value": b"x" * 65_000, "path": b"/x" * 32_000}[kind]
    for _ in range(ENDLESS_BYTES // len(piece)):
        yield piece


@pytest.mark.parametrize("kind", ["fields", "value", "path"])
@pytest.mark.parametrize("service", ["fast path", "fast path off"])
def test_heads_without_an_end_take_no_memory(fronts: Fronts, service: str, kind: str) -> None:
    """100 MiB for each of four connections at once, without credentials; others are answered meanwhile."""
    quote = Front(fronts[service], "POST /api/v1/quote")
    quote.has_read()
    before = resident_bytes(quote.service.pid)
    statuses: list[int] = []

    def attack() -> None:
        with quote.connect() as connection:
            for piece in endless(kind):
                if not sent(connection, piece):
                    break
            statuses.append(connection.answer().status)

    attackers = [threading.Thread(target=attack) for _ in range(4)]
    for each in attackers:
        each.start()
    quote.has_read()
    for each in attackers:
        each.join()
    assert set(statuses) == {414 if kind == "path" else 431}
    assert len(statuses) == len(attackers)
    assert resident_bytes(quote.service.pid) - before < GROWTH_BYTES_MAX


def resident_bytes(pid: int) -> int:
    """Memory of a process that is there, in bytes."""
    shown = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=True, env=os.environ)
    return int(shown.stdout) * 1024
