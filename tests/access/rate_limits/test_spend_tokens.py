"""The shared buckets in Redis: what is left, debts, and when they go. Redis' own clock decides, so figures are ranges.

Source: docs/spec/quotes.md#limits.
"""

import time
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from quote_service.identity.tables.spend_tokens import Spending, spend_tokens
from quote_service.lab.embedded.ports import free_port
from quote_service.platform.redis_store.connection import RedisClient, open_redis
from quote_service.platform.redis_store.keys import rate_key
from quote_service.platform.system.errors import Unavailable
from tests.conftest import eventually


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[RedisClient]:
    opened = open_redis(redis_url, 5000)
    yield opened
    await opened.aclose()


async def test_a_bucket_starts_full_and_holds_what_was_not_spent(client: RedisClient) -> None:
    key_id = str(uuid4())
    (first,) = await spend_tokens(client, [Spending(key_id, 1_000_000, 1, 300)])
    (second,) = await spend_tokens(client, [Spending(key_id, 1_000_000, 1, 0)])
    assert first == 999_700
    assert first <= second < first + 60


async def test_it_fills_at_its_rate_and_no_further_than_full(client: RedisClient) -> None:
    key_id = str(uuid4())
    before = time.monotonic()
    (spent,) = await spend_tokens(client, [Spending(key_id, 100, 1000, 100)])
    assert spent == 0

    async def is_full() -> bool:
        (left,) = await spend_tokens(client, [Spending(key_id, 100, 1000, 0)])
        assert left <= min(100, (time.monotonic() - before) * 1000 + 1)
        return left == 100

    await eventually(is_full, "the bucket is full again")


async def test_what_was_given_away_too_much_is_a_debt_of_a_full_bucket_at_most(client: RedisClient) -> None:
    key_id = str(uuid4())
    assert await spend_tokens(client, [Spending(key_id, 1000, 1, 1400)]) == [-400]
    (left,) = await spend_tokens(client, [Spending(key_id, 1000, 1, 5000)])
    assert left == -1000
    # A limit made smaller is waited for as long as its own bucket takes, not the old one's.
    (left,) = await spend_tokens(client, [Spending(key_id, 10, 1, 0)])
    assert left == -10


async def test_many_keys_are_settled_at_once_and_apart(client: RedisClient) -> None:
    spendings = [Spending(str(uuid4()), 1_000_000, 1, count) for count in range(300)]
    assert await spend_tokens(client, spendings) == [1_000_000 - count for count in range(300)]


async def test_a_bucket_goes_when_it_would_be_full_from_the_deepest_debt(client: RedisClient) -> None:
    key_id = str(uuid4())
    await spend_tokens(client, [Spending(key_id, 100, 10, 200)])
    left_ms = await client.execute_command("PTTL", rate_key(key_id))
    assert 20_000 < left_ms <= 21_000


async def test_without_redis_it_says_so() -> None:
    client = open_redis(f"redis://127.0.0.1:{free_port()}", 200)
    with pytest.raises(Unavailable):
        await spend_tokens(client, [Spending("x", 1, 1, 1)])
    await client.aclose()
