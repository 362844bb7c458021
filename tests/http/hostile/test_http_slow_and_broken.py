"""Senders that never come to an end, or stop in the middle: each has its time, and is let go, on every route.

Source: docs/spec/quotes.md#limits; docs/spec/access.md#bounds-on-requests.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest

from tests.http.hostile.fronts import FRONTS, ROUTES, Front, Fronts
from tests.quotes.fast_path.wire import PATIENCE_SECONDS

DRIP_SECONDS = 0.3


def slow_senders(front: Front) -> dict[str, tuple[bytes, bytes]]:
    """What each sends at once, and what it goes on with for ever, byte by byte."""
    begin, good = front.begin, front.good
    return {
        "nothing": (b"", b""),
        "blank lines": (b"", b"\r\n"),
        "half a line": (b"GET /", b""),
        "half a head": (begin, b""),
        "a line in drips": (b"GET /", b"x"),
        "a value in drips": (begin + b"X: ", b"x"),
        "fields in drips": (begin, b"X:y\r\n"),
        "a body in drips": (begin + b"Content-Length: 100000\r\n\r\n", b"x"),
        "chunks in drips": (begin + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        "an extension in drips": (begin + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x"),
        "trailers in drips": (begin + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X:y\r\n"),
        "a head in drips behind another request": (good + begin, b"X:y\r\n"),
        "blank lines behind a request": (good, b"\r\n"),
        "an upgrade in drips": (begin + b"Connection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 99999\r\n\r\n", b"x"),
    }


async def is_let_go(front: Front, first: bytes, drip: bytes) -> bytes:
    """Send, go on sending, and answer what came when the server has hung up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", front.service.port)

    async def go_on() -> None:
        for byte in endlessly(drip):
            writer.write(bytes([byte]))
            await asyncio.sleep(DRIP_SECONDS)  # it is slow by intent; what is waited for is the server's end

    writer.write(first)
    going_on = asyncio.create_task(go_on())
    try:
        return await asyncio.wait_for(reader.read(), PATIENCE_SECONDS)
    except ConnectionResetError:
        return b""  # it hung up while a drip was on its way
    finally:
        going_on.cancel()
        writer.close()


def endlessly(drip: bytes) -> Iterator[int]:
    while drip:
        yield from drip


async def test_the_slow_are_let_go(fronts: Fronts) -> None:
    """All at once, on every route of every service; nobody waits longer for their patience."""
    attacked = [Front(fronts[name], ROUTES[route]) for name, route in FRONTS]
    senders = [(front, name, *sent) for front in attacked for name, sent in slow_senders(front).items()]
    answers = await asyncio.gather(*(is_let_go(front, first, drip) for front, _, first, drip in senders))
    for (front, name, *_), answer in zip(senders, answers, strict=True):
        statuses = [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]
        # A quote is told that it was too slow; who was answered before the body came is not answered twice.
        assert len(statuses) <= 1, (front.route, name, answer)
        assert all(status in (200, 400, 401, 415, 422, 504) for status in statuses), (front.route, name, answer)
    for front in attacked:
        with front.connect() as connection:
            assert connection.send(front.good).answer().status < 500


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_those_who_stop_anywhere_leave_nothing_behind(front: Front, reset: bool) -> None:
    """Cut after each byte of a request with an upgrade, chunks and trailers; others are answered all the while."""
    fields = b"Connection: upgrade\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\n\r\n"
    whole = front.begin + fields + b"2;a=b\r\n{}\r\n0\r\nX: y\r\n\r\n"
    for end in range(1, len(whole), 3):
        with front.connect() as connection:
            connection.send(whole[:end])
            if reset:
                connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    front.has_read()
    with front.connect() as connection:
        assert connection.send(front.good, front.last).answers(2)[1].status == 200
