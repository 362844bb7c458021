"""Commands go over the wire as the client library writes them itself, and each gets its own answer, whatever went wrong."""

import asyncio
import time
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Connection, Redis
from redis.exceptions import ConnectionError, ResponseError, TimeoutError

from quote_service.lab.embedded.ports import free_port
from quote_service.platform.redis_store.connection import open_redis
from quote_service.platform.redis_store.packed_connection import PackedConnection, exchange

Word = bytes | bytearray | memoryview | str | int | float

NAMES = st.sampled_from(["FCALL", "FUNCTION LOAD", b"PING", b"CONFIG GET", "SCRIPT EXISTS"])
WORDS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.binary(),
    st.binary().map(bytearray),
    st.binary().map(lambda word: memoryview(word)),
    st.integers(),
    st.integers(-10_000, 10_000).map(lambda tenths: tenths / 10),
)
COMMANDS = st.tuples(NAMES, st.lists(WORDS)).map(lambda command: (command[0], *command[1]))
OURS, THEIRS = PackedConnection(), Connection()


@given(st.lists(COMMANDS))
def test_commands_are_written_alike(commands: list[tuple[Word, ...]]) -> None:
    assert b"".join(OURS.pack_commands(commands)) == b"".join(THEIRS.pack_commands(commands))
    for command in commands:
        assert b"".join(OURS.pack_command(*command)) == b"".join(THEIRS.pack_command(*command))


def opened(url: str, timeout_ms: int = 5000) -> Redis:
    client = open_redis(url, timeout_ms)
    assert isinstance(client, Redis)
    return client


async def test_what_is_refused_is_an_answer_like_the_others(redis_url: str) -> None:
    client, key = opened(redis_url), uuid4().hex
    try:
        answers = await exchange(client, [("SET", key, 7), ("LPUSH", key, "x"), ("FCALL", key, 0), ("GET", key)])
    finally:
        await client.aclose()
    assert [type(answer) for answer in answers] == [bytes, ResponseError, ResponseError, bytes]
    assert answers[3] == b"7"


async def test_an_answer_that_is_late_is_not_taken_for_the_next(redis_url: str) -> None:
    client, key = opened(redis_url, timeout_ms=200), uuid4().hex
    try:
        await exchange(client, [("SET", f"{key}:1", 1)])
        with pytest.raises(TimeoutError):
            await exchange(client, [("BLPOP", key, 2)])
        assert await exchange(client, [("GET", f"{key}:1")]) == [b"1"]
    finally:
        await client.aclose()


async def test_an_answer_that_nobody_waits_for_is_not_taken_for_the_next(redis_url: str) -> None:
    client, key = opened(redis_url), uuid4().hex
    try:
        await exchange(client, [("SET", f"{key}:1", 1)])
        for turns in range(8):  # wherever it is by then
            asking = asyncio.create_task(exchange(client, [("BLPOP", key, 1)]))
            for _ in range(turns):
                await asyncio.sleep(0)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            assert await exchange(client, [("GET", f"{key}:1")]) == [b"1"]
    finally:
        await client.aclose()


async def test_a_process_that_was_held_up_does_not_blame_redis(redis_url: str) -> None:
    client, key = opened(redis_url, timeout_ms=100), uuid4().hex
    try:
        await exchange(client, [("SET", key, 7)])
        # Held up at each turn at which the command may be on its way.
        for turns in range(6):
            asking = asyncio.create_task(exchange(client, [("GET", key), ("STRLEN", key)]))
            for _ in range(turns):
                await asyncio.sleep(0)
            time.sleep(0.2)  # noqa: ASYNC251 (what holds it up)
            assert await asking == [b"7", 1]
    finally:
        await client.aclose()


async def test_nobody_there_is_a_connection_error() -> None:
    client = opened(f"redis://127.0.0.1:{free_port()}/0")
    try:
        with pytest.raises(ConnectionError):
            await exchange(client, [("PING",)])
    finally:
        await client.aclose()
