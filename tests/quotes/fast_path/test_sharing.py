"""Quotes to a real Valkey: in batches, the first of its kind kept, nobody left waiting whatever happens to the server.

Source: docs/spec/quotes.md#caching; docs/spec/quotes.md#limits.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import pytest
import redis

from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.redis_store.breaker import Breaker
from quote_service.platform.redis_store.connection import RedisClient, open_redis
from quote_service.platform.redis_store.keys import quote_key
from quote_service.quotes.tables.share_quotes import NOT_SHARED, Outcome, QuoteSharer
from tests.conftest import eventually

TTL_MS = 60_000
_bits = count(1)


@pytest.fixture(scope="module")
def valkey(server_folder: Path) -> Iterator[ValkeyServer]:
    with ValkeyServer(server_folder / "sharing-valkey", append_only=False) as server:
        yield server


@pytest.fixture
async def client(valkey: ValkeyServer) -> AsyncIterator[RedisClient]:
    opened = open_redis(valkey.url, 200)
    yield opened
    await opened.aclose()


@pytest.fixture
async def breaker() -> Breaker:
    return Breaker()


@pytest.fixture
async def sharer(client: RedisClient, breaker: Breaker) -> AsyncIterator[QuoteSharer]:
    opened = QuoteSharer(client, breaker, TTL_MS)
    yield opened
    await opened.close()


async def shared(sharer: QuoteSharer, bits: int, packed: bytes) -> Outcome:
    """What became of one quote."""
    return (await all_shared(sharer, [(bits, packed)]))[0]


async def all_shared(sharer: QuoteSharer, quotes: list[tuple[int, bytes]]) -> list[Outcome]:
    """What became of quotes that one tick wants kept; each is told once."""
    reported: list[list[Outcome]] = [[] for _ in quotes]
    for (bits, packed), outcomes in zip(quotes, reported, strict=True):
        sharer.share(bits, packed, outcomes.append)
    await eventually(lambda: all(reported), "everybody is told")
    await sharer.finish()
    assert all(len(outcomes) == 1 for outcomes in reported)
    return [outcomes[0] for outcomes in reported]


def reads(valkey: ValkeyServer) -> int:
    """How often the server has read from a connection."""
    with redis.Redis.from_url(valkey.url) as probe:
        return int(probe.info("stats")["total_reads_processed"])


async def test_what_one_tick_wants_goes_out_in_batches(sharer: QuoteSharer, valkey: ValkeyServer) -> None:
    await shared(sharer, next(_bits), b"so that there is a connection")
    before = reads(valkey)
    quotes = [(next(_bits), b"quote %d" % number) for number in range(150)]
    assert await all_shared(sharer, quotes) == [None] * 150
    assert reads(valkey) - before < 15  # 64 + 64 + 22, and what asking takes
    with redis.Redis.from_url(valkey.url) as probe:
        assert probe.mget([quote_key(bits) for bits, _ in quotes]) == [packed for _, packed in quotes]
        remaining = [probe.pttl(quote_key(bits)) for bits, _ in quotes]
    assert all(0 < each <= TTL_MS for each in remaining)
    assert (sharer.shared, sharer.found, sharer.unshared) == (151, 0, 0)


async def test_the_quote_that_was_there_first_is_handed_out(sharer: QuoteSharer) -> None:
    first, other = next(_bits), next(_bits)
    assert await shared(sharer, first, b"first") is None
    assert await all_shared(sharer, [(first, b"second"), (other, b"other")]) == [b"first", None]
    assert await all_shared(sharer, [(other, b"x"), (first, b"third")]) == [b"other", b"first"]
    twice = next(_bits)
    assert await all_shared(sharer, [(twice, b"a"), (twice, b"b")]) == [None, b"a"], "in one batch too"
    assert sharer.found == 4


async def test_a_restarted_server_is_found_again(sharer: QuoteSharer, valkey: ValkeyServer, breaker: Breaker) -> None:
    assert await shared(sharer, next(_bits), b"before") is None
    await asyncio.to_thread(valkey.stop)
    await asyncio.to_thread(valkey.start)
    await eventually(lambda: _is_kept(sharer), "it is kept after a restart")
    assert not breaker.is_open


async def test_a_killed_server_opens_the_breaker_and_a_probe_closes_it(
    sharer: QuoteSharer, valkey: ValkeyServer, breaker: Breaker
) -> None:
    await eventually(lambda: _is_kept(sharer), "well before")
    try:
        await asyncio.to_thread(valkey.kill)
        assert await shared(sharer, next(_bits), b"lost") is NOT_SHARED
        assert breaker.is_open
        before = breaker.failures
        reported: list[Outcome] = []
        sharer.share(next(_bits), b"lost too", reported.append)
        assert reported == [NOT_SHARED], "at once: nobody waits for what is known to be unavailable"
        await eventually(lambda: _probes_failed(sharer, breaker, before), "probes go on")
        assert breaker.is_open
    finally:
        await asyncio.to_thread(valkey.start)
    await eventually(lambda: _is_kept(sharer), "a probe has found it well")
    assert not breaker.is_open


async def test_nobody_but_the_probe_waits_for_a_frozen_server(
    sharer: QuoteSharer, valkey: ValkeyServer, breaker: Breaker
) -> None:
    await eventually(lambda: _is_kept(sharer), "well before")
    valkey.freeze()
    try:
        assert await shared(sharer, next(_bits), b"waits its time") is NOT_SHARED
        assert breaker.is_open
        probe: list[Outcome] = []

        def probes() -> bool:
            probe.clear()
            sharer.share(next(_bits), b"probe", probe.append)
            return not probe  # not told at once: it is under way

        await eventually(probes, "a probe is under way")
        reported: list[Outcome] = []
        for _ in range(100):
            sharer.share(next(_bits), b"others", reported.append)
        assert reported == [NOT_SHARED] * 100
        assert probe == []
        await eventually(lambda: probe == [NOT_SHARED], "the probe is told too")
    finally:
        valkey.thaw()
    await eventually(lambda: _is_kept(sharer), "well again")


async def test_a_batch_under_way_when_the_server_dies_is_reported(sharer: QuoteSharer, valkey: ValkeyServer) -> None:
    """And what had come meanwhile; the callbacks may ask for more."""
    await eventually(lambda: _is_kept(sharer), "well before")
    reported: list[Outcome] = []

    def ask_for_more(outcome: Outcome) -> None:
        reported.append(outcome)
        sharer.share(next(_bits), b"more", reported.append)

    valkey.freeze()
    try:
        for _ in range(100):
            sharer.share(next(_bits), b"first", ask_for_more)
        await eventually(lambda: sharer.waiting == 36, "64 are under way")
        for _ in range(100):
            sharer.share(next(_bits), b"second", ask_for_more)
    finally:
        await asyncio.to_thread(valkey.kill)
    await eventually(lambda: len(reported) == 400, "everybody is told")
    await sharer.close()
    assert reported == [NOT_SHARED] * 400
    assert sharer.waiting == 0
    await asyncio.to_thread(valkey.start)


async def test_a_server_that_is_full_shares_nothing_and_loses_nothing(
    sharer: QuoteSharer, valkey: ValkeyServer
) -> None:
    bits = next(_bits)
    await eventually(lambda: _is_kept(sharer), "well before")
    assert await shared(sharer, bits, b"kept before") is None
    with redis.Redis.from_url(valkey.url) as probe:
        probe.config_set("maxmemory", "1")
        try:
            assert await shared(sharer, next(_bits), b"no room") is NOT_SHARED
        finally:
            probe.config_set("maxmemory", "0")
        assert probe.get(quote_key(bits)) == b"kept before"
    await eventually(lambda: _is_kept(sharer), "well again")


async def _is_kept(sharer: QuoteSharer) -> bool:
    return await shared(sharer, next(_bits), b"probe") is None


async def _probes_failed(sharer: QuoteSharer, breaker: Breaker, before: int) -> bool:
    assert await shared(sharer, next(_bits), b"probe") is NOT_SHARED
    return breaker.failures >= before + 2
