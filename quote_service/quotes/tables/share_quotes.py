"""Quotes to Redis in batches: what one tick of the event loop wants kept goes out in one write.

A command of its own for each quote would cost more than pricing it. One batch is under way at a time; what comes
meanwhile is the next. Each asker is called back once with what became of its quote, whatever happens to Redis.

Source: docs/spec/quotes.md#caching; docs/spec/quotes.md#limits.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from redis.asyncio import RedisCluster
from redis.exceptions import RedisError

from quote_service.platform.redis_store.breaker import Breaker
from quote_service.platform.redis_store.command_link import CommandLink, ReplyError
from quote_service.platform.redis_store.connection import RedisClient
from quote_service.platform.redis_store.keys import quote_key

_BATCH_QUOTES_MAX = 64


class NotShared:
    """What an asker gets when Redis did not answer: the quote lives in this process alone."""


NOT_SHARED = NotShared()
# The asker's callback takes None (kept), the bytes of the quote that was there before, or NOT_SHARED.
Outcome = bytes | None | NotShared
OnOutcome = Callable[[Outcome], None]
_Batch = list[tuple[bytes, bytes, OnOutcome]]


class QuoteSharer:
    """Keeps quotes in Redis. `shared` and `unshared` count quotes since the start, `found` those that were there."""

    __slots__ = (
        "_batch",
        "_breaker",
        "_cluster",
        "_idle",
        "_is_flying",
        "_link",
        "_opening",
        "_suffix",
        "_ttl_ms",
        "_under_way",
        "found",
        "shared",
        "unshared",
    )

    def __init__(self, client: RedisClient, breaker: Breaker, ttl_ms: int) -> None:
        # The keys of a batch lie in many slots of a cluster; there the client sends them to where they belong.
        self._cluster = client if isinstance(client, RedisCluster) else None
        self._link = None if isinstance(client, RedisCluster) else CommandLink(client)
        self._breaker = breaker
        self._ttl_ms = ttl_ms
        ttl = b"%d" % ttl_ms
        # NX and GET: kept, or told what is there already.
        self._suffix = b"\r\n$2\r\nPX\r\n$%d\r\n%b\r\n$2\r\nNX\r\n$3\r\nGET\r\n" % (len(ttl), ttl)
        self._batch: _Batch = []
        self._under_way: _Batch = []
        self._is_flying = False
        self._opening: asyncio.Task[None] | None = None
        self._idle: asyncio.Future[None] | None = None
        self.shared = self.unshared = self.found = 0

    @property
    def waiting(self) -> int:
        """Quotes that no batch has taken yet."""
        return len(self._batch)

    def share(self, quote_bits: int, packed: bytes, on_outcome: OnOutcome) -> None:
        """Keep a quote unless one with these bits is kept already; calls back, at once where Redis is known to be unavailable."""
        breaker = self._breaker
        # While the breaker is open, what is under way is its probe, which nobody else waits for.
        if breaker.is_open if self._is_flying else not breaker.allows():
            self.unshared += 1
            on_outcome(NOT_SHARED)
            return
        self._batch.append((quote_key(quote_bits), packed, on_outcome))
        if not self._is_flying:
            self._is_flying = True
            # After this tick: all that it wants goes together.
            asyncio.get_running_loop().call_soon(self._take_off)

    async def finish(self) -> None:
        """Wait for the quotes that are under way."""
        while self._is_flying:
            if self._idle is None:
                self._idle = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._idle)

    async def close(self) -> None:
        """Wait for the quotes that are under way, and close the connection."""
        await self.finish()
        if self._link is not None:
            self._link.close()

    def _take_off(self) -> None:
        """Send what waits, as much as one batch takes."""
        link = self._link
        if link is not None and link.is_open:
            batch = self._next_batch()
            link.send(self._commands(batch), len(batch), self._landed)
        else:
            self._opening = asyncio.get_running_loop().create_task(self._take_off_slowly(), name="share quotes")

    def _commands(self, batch: _Batch) -> list[bytes]:
        """The commands of a batch in pieces, so that no quote is copied: what stands between two is a piece of its own."""
        pieces: list[bytes] = []
        before = b""
        for key, packed, _ in batch:
            pieces.append(b"%b*7\r\n$3\r\nSET\r\n$%d\r\n%b\r\n$%d\r\n" % (before, len(key), key, len(packed)))
            pieces.append(packed)
            before = self._suffix
        pieces.append(before)
        return pieces

    def _next_batch(self) -> _Batch:
        batch = self._batch
        self._under_way, self._batch = batch[:_BATCH_QUOTES_MAX], batch[_BATCH_QUOTES_MAX:]
        return self._under_way

    async def _take_off_slowly(self) -> None:
        """Connect first, or have the cluster's client send a batch."""
        try:
            if self._cluster is not None:
                outcomes = await self._send_by_slots(self._cluster, self._next_batch())
            else:
                assert self._link is not None
                await self._link.open()
                self._take_off()
                return
        except (RedisError, OSError, TimeoutError):
            self._landed(None)
        except BaseException:
            self._breaker.abandoned()
            self._land()
            raise
        else:
            self._landed(outcomes)

    async def _send_by_slots(self, client: RedisCluster, batch: _Batch) -> list[Any]:
        pipeline = client.pipeline()
        for key, packed, _ in batch:
            pipeline.set(key, packed, px=self._ttl_ms, nx=True, get=True)
        return list(await pipeline.execute())

    def _landed(self, replies: list[Any] | None) -> None:
        """Tell the askers of a batch, and send the next one."""
        if replies is None or any(type(reply) is ReplyError for reply in replies):
            self._breaker.failed()
        else:
            self._breaker.succeeded()
        batch, self._under_way = self._under_way or self._next_batch(), []
        try:
            self._notify(batch, replies)
        finally:
            if self._batch and self._breaker.allows():
                self._take_off()
            else:
                self._land()

    def _land(self) -> None:
        """Whatever ended the batch, nobody is left waiting."""
        left, self._under_way, self._batch = self._under_way + self._batch, [], []
        self._is_flying = False
        if self._idle is not None:
            self._idle.set_result(None)
            self._idle = None
        self._notify(left, None)

    def _notify(self, batch: _Batch, replies: list[Any] | None) -> None:
        """Tell each asker, once and in their order."""
        reported = 0
        try:
            for _, _, on_outcome in batch:
                outcome: Any = NOT_SHARED if replies is None else replies[reported]
                reported += 1
                if outcome is None:
                    self.shared += 1
                elif outcome is NOT_SHARED or type(outcome) is ReplyError:
                    self.unshared += 1
                    outcome = NOT_SHARED
                else:
                    self.found += 1
                on_outcome(outcome)
        finally:
            if reported < len(batch):  # one asker's mistake is not the others'
                self._notify(batch[reported:], replies[reported:] if replies is not None else None)
