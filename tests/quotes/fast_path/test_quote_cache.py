"""Kept quotes through aiocache's interface, over a real Valkey.

Source: docs/spec/quotes.md#caching; aiocache 0.12.3, `BaseCache`.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.redis_store.breaker import Breaker
from quote_service.platform.redis_store.connection import open_redis
from quote_service.platform.system.errors import Unavailable
from quote_service.platform.system.identifiers import uuid7, uuid7_bits
from quote_service.platform.system.new_ids import random_bits
from quote_service.pricing.sales.sale_prices import SalePrices
from quote_service.quotes.model.kept_quote import KeptQuote
from quote_service.quotes.operations.issue_quote import QuoteIssuer
from quote_service.quotes.operations.local_quotes import LocalQuotes
from quote_service.quotes.operations.quote_cache import QuoteCache
from quote_service.quotes.operations.sign_quote import QuoteSigner
from quote_service.quotes.tables.share_quotes import QuoteSharer
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from tests.conftest import eventually
from tests.quotes.fast_path.test_local_quotes import answer

TTL_SECONDS = 900


@pytest.fixture
async def cache(valkey_server: ValkeyServer) -> AsyncIterator[QuoteCache]:
    client, breaker = open_redis(valkey_server.url, 1000), Breaker()
    issuer = QuoteIssuer(
        RulebookHolder(),
        LocalQuotes(100, 1_000_000),
        QuoteSharer(client, breaker, TTL_SECONDS * 1000),
        QuoteSigner((("k1", b"s" * 32),)),
        fingerprint_secret=b"f" * 32,
        ttl_seconds=TTL_SECONDS,
        sales=SalePrices(),
        note_shown=Counter[int]().update,
    )
    yield QuoteCache(issuer, client, breaker, TTL_SECONDS)
    await client.aclose()


def kept(data: bytes = b"{}") -> KeptQuote:
    now_us = time.time_ns() // 1000
    quote_id = uuid7(now_us // 1000, random_bits())
    return KeptQuote(quote_id, 1, now_us, now_us + TTL_SECONDS * 1_000_000, data, b"request")


async def test_what_is_set_is_found_until_it_is_deleted(cache: QuoteCache) -> None:
    quote = kept()
    assert await cache.get(quote.quote_id) is None
    assert await cache.get(quote.quote_id, default="none") == "none"
    assert not await cache.exists(quote.quote_id)
    assert await cache.set(quote.quote_id, quote)
    assert await cache.get(quote.quote_id) == quote
    assert await cache.exists(quote.quote_id)
    assert await cache.delete(quote.quote_id) == 1
    assert await cache.delete(quote.quote_id) == 0
    assert await cache.get(quote.quote_id) is None


async def test_only_the_first_is_added(cache: QuoteCache) -> None:
    quote = kept(b"first")
    assert await cache.add(quote.quote_id, quote)
    with pytest.raises(ValueError, match="kept already"):
        await cache.add(quote.quote_id, quote)
    assert (await cache.get(quote.quote_id)).data == b"first"


async def test_many_at_once(cache: QuoteCache) -> None:
    quotes = [kept(b"%d" % number) for number in range(5)]
    assert await cache.multi_set([(quote.quote_id, quote) for quote in quotes])
    absent = kept().quote_id
    assert await cache.multi_get([*(quote.quote_id for quote in quotes), absent]) == [*quotes, None]


async def test_a_time_to_live_is_given_or_the_quotes_own(cache: QuoteCache) -> None:
    short, usual = kept(), kept()
    await cache.set(short.quote_id, short, ttl=0.05)
    await cache.set(usual.quote_id, usual)
    await eventually(lambda: _is_gone(cache, short.quote_id), "it has ended")
    remaining = await cache.raw("PTTL", b"qs:q:%019x" % uuid7_bits(UUID(usual.quote_id)))
    assert (TTL_SECONDS - 60) * 1000 < remaining <= TTL_SECONDS * 1000
    assert await cache.expire(usual.quote_id, 0.05)
    await eventually(lambda: _is_gone(cache, usual.quote_id), "it has ended early")
    assert not await cache.expire(usual.quote_id, 10)


async def test_a_quote_is_no_number(cache: QuoteCache) -> None:
    with pytest.raises(TypeError):
        await cache.increment(kept().quote_id)


async def test_what_is_set_replaces_what_this_process_holds(cache: QuoteCache) -> None:
    """And deleting one leaves the others."""
    quote, other = kept(b"new"), answer(4711, until_us=1 << 62)
    held = answer(uuid7_bits(UUID(quote.quote_id)), until_us=1 << 62)
    held.quote_id = quote.quote_id
    quotes = cache._issuer.quotes
    quotes.keep(held)
    quotes.keep(other)
    assert (await cache.get(quote.quote_id)).data == b'"miss"'  # as this process issued it
    await cache.set(quote.quote_id, quote)
    assert await cache.get(quote.quote_id) == quote
    assert await cache.delete(quote.quote_id) == 1
    assert quotes.by_bits(4711, 0) is other


async def test_clearing_forgets_what_this_process_holds_and_no_quote_that_is_kept(cache: QuoteCache) -> None:
    quote = kept()
    await cache.set(quote.quote_id, quote)
    cache._issuer.quotes.keep(answer(1))
    assert await cache.clear()
    assert len(cache._issuer.quotes) == 0
    assert await cache.get(quote.quote_id) == quote


async def test_another_id_with_the_same_bits_finds_nothing(cache: QuoteCache) -> None:
    quote = kept()
    await cache.set(quote.quote_id, quote)
    bits = uuid7_bits(UUID(quote.quote_id))
    assert await cache.get(uuid7(1, bits)) is None


async def test_what_another_version_wrote_is_passed_over(cache: QuoteCache) -> None:
    quote = kept()
    await cache.raw("SET", b"qs:q:%019x" % uuid7_bits(UUID(quote.quote_id)), b"\x93something else")
    assert await cache.get(quote.quote_id) is None


async def test_without_redis_it_says_so() -> None:
    client, breaker = open_redis("redis://127.0.0.1:1/0", 100), Breaker()
    issuer = QuoteIssuer(
        RulebookHolder(),
        LocalQuotes(100, 1_000_000),
        QuoteSharer(client, breaker, 1000),
        QuoteSigner((("k1", b"s" * 32),)),
        fingerprint_secret=b"f" * 32,
        ttl_seconds=1,
        sales=SalePrices(),
        note_shown=Counter[int]().update,
    )
    cache = QuoteCache(issuer, client, breaker, 1)
    quote = kept()
    for _ in range(2):  # the second time because the breaker is open
        with pytest.raises(Unavailable):
            await cache.get(quote.quote_id)
    assert breaker.is_open
    await client.aclose()


async def _is_gone(cache: QuoteCache, quote_id: str) -> bool:
    return await cache.get(quote_id) is None
