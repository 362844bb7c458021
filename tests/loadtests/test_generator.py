"""The generator in Python against small servers of its own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import islice, repeat

import pytest
import uvloop

from loadtests.bench.baskets import basket_format, write_basket
from loadtests.bench.generator import Generator, requests_of
from loadtests.bench.load import Load
from loadtests.bench.nothing import answer_of

REQUEST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[int]:
    """A server on a port of its own that reads REQUEST again and again."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while not writer.is_closing():
                await reader.readexactly(len(REQUEST))
                await answer(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def write(answer: bytes) -> Answer:
    async def send(writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    return send


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    ],
    ids=["with a length", "in chunks"],
)
async def test_it_asks_again_as_soon_as_it_is_answered(answer: bytes) -> None:
    async with serving(write(answer)) as port:
        load = await Generator("127.0.0.1", port, repeat(REQUEST), 0.3).run(4)
    assert load.requests > 20
    assert load.errors == 0
    assert 0 < load.p50_us <= load.p99_us <= load.max_us


async def test_it_runs_on_the_loop_that_the_command_uses() -> None:
    def run(port: int) -> Load:
        generator = Generator("127.0.0.1", port, repeat(REQUEST), 0.3)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(generator.run(4))

    async with serving(write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")) as port:
        load = await asyncio.to_thread(run, port)
    assert load.requests > 20
    assert load.errors == 0


async def test_an_answer_in_pieces_is_one_answer() -> None:
    async def send(writer: asyncio.StreamWriter) -> None:
        for piece in (b"HTTP/1.1 200 OK\r\nConte", b"nt-Length: 5\r\n\r\nhe", b"llo"):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)

    async with serving(send) as port:
        load = await Generator("127.0.0.1", port, repeat(REQUEST), 0.3).run(2)
    assert load.requests > 2
    assert load.errors == 0


async def test_refusals_are_counted() -> None:
    async with serving(write(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")) as port:
        load = await Generator("127.0.0.1", port, repeat(REQUEST), 0.2).run(2)
    assert load.requests > 0
    assert load.refused == load.requests


async def test_a_server_that_hangs_up_is_counted_and_asked_again() -> None:
    async def hang_up(writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with serving(hang_up) as port:
        load = await Generator("127.0.0.1", port, repeat(REQUEST), 0.3).run(2)
    assert load.requests == 0
    assert load.broken > 2


async def test_a_server_that_closes_after_each_answer_is_no_error() -> None:
    async def answer_and_close(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()
        writer.close()

    async with serving(answer_and_close) as port:
        load = await Generator("127.0.0.1", port, repeat(REQUEST), 0.3).run(2)
    assert load.requests > 2
    assert load.errors == 0


async def test_nobody_there_is_counted() -> None:
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    load = await Generator("127.0.0.1", port, repeat(REQUEST), 0.2).run(2)
    assert load.requests == 0
    assert load.broken >= 2


async def test_the_requests_are_whole_and_carry_the_key() -> None:
    requests = requests_of("/api/v1/quote", "host:1", "secret", lines=2, first=5, different=0)
    for number, request in zip((5, 6, 7), islice(requests, 3), strict=True):
        head, _, body = request.partition(b"\r\n\r\n")
        assert body == write_basket(basket_format(), number, 2)
        assert head.split(b"\r\n")[0] == b"POST /api/v1/quote HTTP/1.1"
        assert b"X-API-Key: secret" in head.split(b"\r\n")
        assert b"Content-Length: %d" % len(body) in head.split(b"\r\n")


@pytest.mark.parametrize(("path", "length"), [("/3082", 3082), ("/2", 2), ("/", 2), ("/nonsense", 2)])
def test_the_server_that_does_nothing_answers_as_many_bytes_as_asked(path: str, length: int) -> None:
    assert len(answer_of(path)) == length
