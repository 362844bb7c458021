"""Quotes to Redis in batches: what one tick of the event loop wants kept goes out as one command.

A command of its own for each quote would cost more than pricing it. One batch is under way at a time; what comes
meanwhile is the next. Each asker is called back once with what became of its quote, whatever happens to Redis.

Source: spec 2, "the quote is kept 15 minutes"; spec 2, Limits and load.
"""

import asyncio
from collections.abc import Callable
from hashlib import sha1
from pathlib import Path
from typing import Any

from redis.asyncio import RedisCluster
from redis.exceptions import NoScriptError, RedisError

from quote_service.redis_store.breaker import Breaker
from quote_service.redis_store.connection import RedisClient
from quote_service.redis_store.keys import quote_key

_SCRIPT = (Path(__file__).parent / "lua" / "share_quotes.lua").read_text()
_SCRIPT_SHA = sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()
_BATCH_QUOTES_MAX = 64


class NotShared:
    """What an asker gets when Redis did not answer: the quote lives in this process alone."""


NOT_SHARED = NotShared()
# The asker's callback takes None (kept), the bytes of the quote that was there before, or NOT_SHARED.
Outcome = bytes | None | NotShared
OnOutcome = Callable[[Outcome], None]


class QuoteSharer:
    """Keeps quotes in Redis. `shared` and `unshared` count quotes since the start, `found` those that were there."""

    __slots__ = ("_batch", "_breaker", "_client", "_flight", "_ttl_ms", "found", "shared", "unshared")

    def __init__(self, client: RedisClient, breaker: Breaker, ttl_ms: int) -> None:
        self._client = client
        self._breaker = breaker
        self._ttl_ms = ttl_ms
        self._batch: list[tuple[bytes, bytes, OnOutcome]] = []
        self._flight: asyncio.Task[None] | None = None
        self.shared = self.unshared = self.found = 0

    @property
    def waiting(self) -> int:
        """Quotes that no batch has taken yet."""
        return len(self._batch)

    def share(self, quote_bits: int, packed: bytes, on_outcome: OnOutcome) -> None:
        """Keep a quote unless one with these bits is kept already; calls back, at once where Redis is known to be away."""
        breaker = self._breaker
        # While the breaker is open, what is under way is its probe, which nobody else waits for.
        if breaker.is_open if self._flight is not None else not breaker.allows():
            self.unshared += 1
            on_outcome(NOT_SHARED)
            return
        if self._flight is None:
            # The task takes its batch when the loop runs it, after this tick: all that the tick wants goes together.
            self._flight = asyncio.get_running_loop().create_task(self._fly(), name="share quotes")
        self._batch.append((quote_key(quote_bits), packed, on_outcome))

    async def close(self) -> None:
        """Wait for the quotes that are under way."""
        while self._flight is not None:
            await asyncio.wait([self._flight])

    async def _fly(self) -> None:
        batch: list[tuple[bytes, bytes, OnOutcome]] = []
        try:
            while self._batch:
                batch, self._batch = self._batch[:_BATCH_QUOTES_MAX], self._batch[_BATCH_QUOTES_MAX:]
                outcomes = await self._send(batch)
                self._tell(batch, outcomes)
                if self._batch and not self._breaker.allows():
                    break
        finally:
            # Whatever ended the flight, nobody is left waiting.
            left, self._batch = batch + self._batch, []
            self._flight = None
            self._breaker.abandoned()
            self._tell(left, [NOT_SHARED] * len(left))

    async def _send(self, batch: list[tuple[bytes, bytes, OnOutcome]]) -> list[Outcome]:
        try:
            if isinstance(self._client, RedisCluster):
                outcomes = await self._send_by_slots(self._client, batch)
            else:
                outcomes = await self._send_as_one(batch)
        except (RedisError, OSError, TimeoutError):
            self._breaker.failed()
            return [NOT_SHARED] * len(batch)
        self._breaker.succeeded()
        return outcomes

    async def _send_as_one(self, batch: list[tuple[bytes, bytes, OnOutcome]]) -> list[Outcome]:
        arguments: list[Any] = [
            len(batch),
            *[key for key, _, _ in batch],
            self._ttl_ms,
            *[packed for _, packed, _ in batch],
        ]
        try:
            return list(await self._client.execute_command("EVALSHA", _SCRIPT_SHA, *arguments))
        except NoScriptError:  # a server that has just started
            return list(await self._client.execute_command("EVAL", _SCRIPT, *arguments))

    async def _send_by_slots(self, client: RedisCluster, batch: list[tuple[bytes, bytes, OnOutcome]]) -> list[Outcome]:
        # The keys of a batch lie in many slots, which no one script may touch; the client groups them by node.
        pipeline = client.pipeline()
        for key, packed, _ in batch:
            pipeline.set(key, packed, px=self._ttl_ms, nx=True, get=True)
        return list(await pipeline.execute())

    def _tell(self, batch: list[tuple[bytes, bytes, OnOutcome]], outcomes: list[Outcome]) -> None:
        """Tell each asker; the batch is emptied on the way, so that nobody can be told twice."""
        batch.reverse()
        for outcome in outcomes:
            _, _, on_outcome = batch.pop()
            if outcome is None:
                self.shared += 1
            elif outcome is NOT_SHARED:
                self.unshared += 1
            else:
                self.found += 1
            on_outcome(outcome)
