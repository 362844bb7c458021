"""The proxy does to a connection what it says, and nothing while it is reported nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.flash_sales.fault_proxy import FaultProxy, Way

Ask = Callable[[bytes], Coroutine[Any, Any, bytes]]


@asynccontextmanager
async def echo_behind_proxy(heard: list[bytes]) -> AsyncIterator[tuple[FaultProxy, Ask]]:
    """A server that answers each line with itself, and a way to ask it over one connection."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            heard.append(line)
            writer.write(line)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    proxy = FaultProxy(server.sockets[0].getsockname()[1], marker=b"take")
    await proxy.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)

    async def ask(line: bytes) -> bytes:
        writer.write(line)
        return await reader.readline()

    try:
        yield proxy, ask
    finally:
        writer.close()
        await proxy.stop()
        server.close()


async def test_it_carries_what_it_is_given() -> None:
    async with echo_behind_proxy([]) as (_, ask):
        assert [await ask(b"take\n"), await ask(b"look\n")] == [b"take\n", b"look\n"]


async def test_an_answer_is_swallowed_and_the_connection_lost() -> None:
    heard: list[bytes] = []
    async with echo_behind_proxy(heard) as (proxy, ask):
        proxy.drop_replies_to = 1
        assert await ask(b"look\n") == b"look\n"
        assert await ask(b"take\n") == b""
    assert heard == [b"look\n", b"take\n"]
    assert (proxy.dropped, proxy.drop_replies_to) == (1, 0)


async def test_both_ways_are_held_back() -> None:
    async with echo_behind_proxy([]) as (proxy, ask):
        proxy.delay_seconds = 0.1
        began = time.monotonic()
        assert await ask(b"look\n") == b"look\n"
        assert time.monotonic() - began >= 0.2


@pytest.mark.parametrize("way", ["requests", "replies"])
async def test_what_goes_a_way_that_is_cut_arrives_when_it_is_whole_again(way: Way) -> None:
    heard: list[bytes] = []
    async with echo_behind_proxy(heard) as (proxy, ask):
        proxy.cut.add(way)
        asking = asyncio.create_task(ask(b"look\n"))
        done, _ = await asyncio.wait([asking], timeout=0.2)
        assert not done
        assert heard == ([] if way == "requests" else [b"look\n"])
        proxy.cut.clear()
        assert await asking == b"look\n"
