"""The buckets of several workers on one Redis: what passes at most, what passes at least, and what it is without Redis.

The workers here are objects in one process, each with its own connection; `test_over_http.py` has real ones.

Source: docs/spec/quotes.md#limits.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

import pytest

from quote_service.identity.operations.rate_limits import UNSETTLED_TOKENS, RateLimits, unsettled_tokens_max
from quote_service.lab.embedded.ports import free_port
from quote_service.platform.redis_store.breaker import Breaker
from quote_service.platform.redis_store.connection import open_redis
from quote_service.platform.settings.rate_limit import RateLimit
from quote_service.platform.system.errors import RateLimited
from quote_service.platform.telemetry.prometheus_text import prometheus_text
from quote_service.platform.telemetry.registry import Registry
from tests.conftest import eventually


@asynccontextmanager
async def workers(url: str, count: int, timeout_ms: int = 5000) -> AsyncIterator[list[RateLimits]]:
    clients = [open_redis(url, timeout_ms) for _ in range(count)]
    limits = [RateLimits(client, Breaker(), Registry(), workers=count) for client in clients]
    yield limits
    for each, client in zip(limits, clients, strict=True):
        await each.close()
        await client.aclose()


def spends(limits: RateLimits, key_id: str, limit: RateLimit) -> bool:
    try:
        limits.spend(key_id, limit)
    except RateLimited:
        return False
    return True


async def passed_until(ends: Callable[[], bool], one: RateLimits, key_id: str, limit: RateLimit) -> int:
    passed = 0
    while not ends():
        passed += spends(one, key_id, limit)
        await asyncio.sleep(0)
    return passed


@pytest.mark.parametrize(
    "limit",
    [RateLimit(requests_per_second=200, burst=50), RateLimit(requests_per_second=3000, burst=400)],
    ids=["small", "large"],
)
async def test_over_a_second_all_workers_keep_within_the_stated_bound(redis_url: str, limit: RateLimit) -> None:
    """Each asks as fast as it can for a second; the second second has no burst left, so the debt is paid in it."""
    key_id, loop = str(uuid4()), asyncio.get_running_loop()
    async with workers(redis_url, 2) as both:
        started = loop.time()

        async def second(number: int) -> tuple[int, float]:
            passed = await asyncio.gather(
                *(passed_until(lambda: loop.time() >= started + number, one, key_id, limit) for one in both)
            )
            return sum(passed), loop.time() - started

        first, first_seconds = await second(1)
        more, all_seconds = await second(2)
        overshoot = len(both) * unsettled_tokens_max(limit)  # none of them has known the bucket before
        assert first <= limit.burst + first_seconds * limit.requests_per_second + overshoot
        assert first + more <= limit.burst + all_seconds * limit.requests_per_second + overshoot
        assert first >= limit.burst
        assert more > 0


async def test_one_worker_gives_exactly_a_burst_at_once(redis_url: str) -> None:
    limit = RateLimit(requests_per_second=1, burst=80)
    key_id = str(uuid4())
    async with workers(redis_url, 1) as (one,):
        assert [spends(one, key_id, limit) for _ in range(80)] == [True] * 80
        with pytest.raises(RateLimited) as refused:
            one.spend(key_id, limit)
        error = refused.value
        assert (error.burst_requests, error.window_seconds, error.wait_seconds) == (80, 80, 1)


async def test_what_one_worker_gave_away_the_others_learn(redis_url: str) -> None:
    limit = RateLimit(requests_per_second=1, burst=1000)
    key_id = str(uuid4())
    async with workers(redis_url, 2) as (one, other):
        given = 0

        async def is_spent() -> bool:
            nonlocal given
            given += sum(spends(one, key_id, limit) for _ in range(50))
            return given >= 990

        await eventually(is_spent, "the first has given nearly all away")
        passed = 0

        async def knows() -> bool:
            nonlocal passed
            allowed = spends(other, key_id, limit)
            passed += allowed
            return not allowed and passed > 0

        await eventually(knows, "the other refuses")
        # It has believed in a full bucket of 1000 until it first settled.
        assert passed <= unsettled_tokens_max(limit)


async def test_no_worker_gives_more_away_unsettled_than_stated(redis_url: str) -> None:
    limit = RateLimit(requests_per_second=1, burst=10_000)
    async with workers(redis_url, 1) as (one,):
        key_id = str(uuid4())
        # Not once does the event loop get to settle.
        assert sum(spends(one, key_id, limit) for _ in range(5000)) == UNSETTLED_TOKENS == unsettled_tokens_max(limit)


async def test_without_redis_each_worker_gives_its_share(redis_url: str) -> None:
    limit = RateLimit(requests_per_second=1, burst=40)
    async with workers(f"redis://127.0.0.1:{free_port()}", 4, timeout_ms=200) as (one, *_):
        key_id = str(uuid4())
        assert spends(one, key_id, limit)
        await eventually(lambda: one.is_alone(key_id), "it has noticed that Redis is unavailable")
        passed = sum(spends(one, key_id, limit) for _ in range(100))
        assert 9 <= passed <= 11


async def test_a_limit_that_is_changed_holds_at_once(redis_url: str) -> None:
    key_id = str(uuid4())
    small, large = RateLimit(requests_per_second=1, burst=5), RateLimit(requests_per_second=2000, burst=60)
    async with workers(redis_url, 1) as (one,):
        assert sum(spends(one, key_id, large) for _ in range(20)) == 20
        assert sum(spends(one, key_id, small) for _ in range(20)) <= 5

        async def is_large_again() -> bool:
            return sum(spends(one, key_id, large) for _ in range(20)) == 20

        await eventually(is_large_again, "the larger limit is the one that counts")


async def test_refusals_are_counted(redis_url: str) -> None:
    client, registry = open_redis(redis_url, 5000), Registry()
    one = RateLimits(client, Breaker(), registry, workers=1)
    limit = RateLimit(requests_per_second=1, burst=2)
    for _ in range(5):
        with suppress(RateLimited):
            one.spend("refused", limit)
    assert "quote_rate_limited_total 3\n" in prometheus_text(registry, [])
    await one.close()
    await client.aclose()


async def test_callers_who_ask_no_more_are_forgotten_and_what_they_spent_is_not(redis_url: str) -> None:
    client, limit = open_redis(redis_url, 5000), RateLimit(requests_per_second=1, burst=60)
    one = RateLimits(client, Breaker(), Registry(), workers=1, buckets_max=50)
    first = str(uuid4())
    assert sum(spends(one, first, limit) for _ in range(60)) == 60
    for _ in range(500):
        # Nobody is forgotten before Redis knows what he spent.
        spends(one, str(uuid4()), limit)
        await asyncio.sleep(0)

    async def is_small() -> bool:
        for _ in range(20):
            spends(one, str(uuid4()), limit)
        return len(one) <= 60 and not one.knows(first)

    await eventually(is_small, "those who asked first are forgotten")
    await one.close()
    again = RateLimits(client, Breaker(), Registry(), workers=1)
    assert spends(again, first, limit)  # believes in a full bucket until it has settled

    async def is_refused() -> bool:
        return not spends(again, first, limit)

    await eventually(is_refused, "Redis remembers the first")
    await again.close()
    await client.aclose()
