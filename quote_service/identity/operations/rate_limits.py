"""How often each caller may ask: one token bucket for an API key or a person, shared by all workers, without a round trip
for a request.

A worker gives tokens away at once, out of what it believes is left, and settles with Redis in the background: 20 ms after
the first that is unsettled, all callers in one command, or at once when one has many. The reply is what it believes next.

How far the workers together may overshoot: what a worker does not know is what the others have given away and not yet
settled, and none lets more than UNSETTLED_TOKENS (or a tenth of a second's worth, if that is more, and never more than
the burst) go unsettled. So in any t seconds at most

    burst + t * requests_per_second + (workers - 1) * unsettled

requests pass, and one time `unsettled` more for a worker that has just started and believes the bucket full. What was too
much is a debt in Redis, up to a full bucket, which all workers wait for: over time the rate holds.

While Redis is unavailable each worker has a bucket of its own, of a share of the limit: the limit by the workers of this host.

Source: docs/spec/quotes.md#limits.
"""

import asyncio
import math
from collections import OrderedDict
from collections.abc import Callable
from contextvars import copy_context

from quote_service.identity.tables.spend_tokens import Spending, spend_tokens
from quote_service.platform.redis_store.breaker import Breaker
from quote_service.platform.redis_store.connection import RedisClient
from quote_service.platform.settings.rate_limit import RateLimit
from quote_service.platform.system.errors import RateLimited, Unavailable
from quote_service.platform.system.traces import LINKS_MAX, SPAN, current_traceparent, work_span
from quote_service.platform.telemetry.registry import Registry

SETTLE_SECONDS = 0.02
UNSETTLED_TOKENS = 100
UNSETTLED_SECONDS = 0.1
# A caller with this part of what it may have unsettled does not wait for the others.
_HURRY_PART = 4
_BATCH_MAX = 256
# People may be many: of those who have not asked for long nothing is known here that Redis does not know.
BUCKETS_MAX = 20_000


def unsettled_tokens_max(limit: RateLimit) -> int:
    """The most that one worker gives away between two settlements."""
    return min(limit.burst, max(UNSETTLED_TOKENS, math.ceil(limit.requests_per_second * UNSETTLED_SECONDS)))


class _Bucket:
    """What this worker believes of a caller's bucket: `tokens` at the instant `at`, and what it has not settled."""

    __slots__ = (
        "at",
        "caller_id",
        "hurry",
        "is_dirty",
        "is_share",
        "limit",
        "rate",
        "size",
        "tokens",
        "unsettled",
        "unsettled_max",
    )

    def __init__(self, caller_id: str, limit: RateLimit, at: float) -> None:
        self.caller_id = caller_id
        self.at = at
        self.tokens = float(limit.burst)
        self.unsettled = 0
        self.is_dirty = False
        self.become(limit)

    def become(self, limit: RateLimit) -> None:
        """Be the shared bucket of this limit."""
        self.limit = limit
        self.is_share = False
        self.size = float(limit.burst)
        self.rate = float(limit.requests_per_second)
        self.unsettled_max = unsettled_tokens_max(limit)
        self.hurry = max(1, self.unsettled_max // _HURRY_PART)

    def become_share(self, workers: int) -> None:
        """Be a bucket of this worker's own, with its share of the limit; there is nothing left to settle."""
        self.is_share = True
        self.size = max(1.0, self.limit.burst / workers)
        self.rate = self.limit.requests_per_second / workers
        self.tokens = min(self.tokens, self.size)
        self.unsettled = 0

    def wait_seconds(self) -> int:
        """Whole seconds until there is a token."""
        return max(1, math.ceil((1 - self.tokens) / self.rate))


class RateLimits:
    """The buckets of one worker, of those callers with a limit who asked last."""

    __slots__ = (
        "_breaker",
        "_buckets",
        "_buckets_max",
        "_causes",
        "_client",
        "_clock",
        "_context",
        "_dirty",
        "_loop",
        "_refusals",
        "_settling",
        "_timer",
        "_workers",
    )

    def __init__(
        self,
        client: RedisClient,
        breaker: Breaker,
        registry: Registry,
        *,
        workers: int,
        clock: Callable[[], float] | None = None,
        buckets_max: int = BUCKETS_MAX,
    ) -> None:
        """`workers` share the limit while Redis is unavailable; `clock` is monotonic, in seconds, by default the loop's."""
        self._client = client
        self._breaker = breaker
        self._workers = workers
        self._loop = asyncio.get_running_loop()
        self._clock = clock or self._loop.time
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._buckets_max = buckets_max
        self._dirty: list[_Bucket] = []
        # Settling is for many requests, and in the context of none: it is work of its own, which traced ones have caused.
        self._context = copy_context()
        self._causes: list[str | None] = []
        self._timer: asyncio.TimerHandle | None = None
        self._settling: asyncio.Task[None] | None = None
        self._refusals = registry.counter("quote_rate_limited_total", "Requests over the rate limit of their caller")

    def spend(self, caller_id: str, limit: RateLimit) -> None:
        """Take one token.

        Raises:
            RateLimited: There is none; it says when the next one comes.
        """
        now = self._clock()
        bucket = self._buckets.get(caller_id)
        if bucket is None:
            bucket = self._new_bucket(caller_id, limit, now)
        elif bucket.limit is not limit and bucket.limit != limit:
            bucket.become(limit)
        tokens = bucket.tokens + (now - bucket.at) * bucket.rate
        bucket.tokens = tokens = min(tokens, bucket.size)
        bucket.at = now
        if tokens < 1 or bucket.unsettled >= bucket.unsettled_max:
            self._refusals.add()
            raise RateLimited(limit.burst, math.ceil(limit.burst / limit.requests_per_second), bucket.wait_seconds())
        bucket.tokens = tokens - 1
        bucket.unsettled += 1
        if SPAN.get() is not None and len(self._causes) < LINKS_MAX:
            self._causes.append(current_traceparent())
        if not bucket.is_dirty:
            bucket.is_dirty = True
            self._dirty.append(bucket)
            if self._timer is None and self._settling is None:
                self._timer = self._loop.call_later(SETTLE_SECONDS, self._start, context=self._context)
        if bucket.unsettled >= bucket.hurry and self._settling is None:
            self._start()

    def __len__(self) -> int:
        return len(self._buckets)

    def knows(self, caller_id: str) -> bool:
        """Whether this worker remembers a caller's bucket."""
        return caller_id in self._buckets

    def is_alone(self, caller_id: str) -> bool:
        """Whether this worker goes by its own share of a caller's limit, because Redis is unavailable."""
        bucket = self._buckets.get(caller_id)
        return bucket is not None and bucket.is_share

    async def close(self) -> None:
        """Settle what is left."""
        while self._settling is not None or self._dirty:
            if self._settling is None:
                self._start()
            else:
                await asyncio.wait([self._settling])

    def _new_bucket(self, caller_id: str, limit: RateLimit, now: float) -> _Bucket:
        for _ in range(2):  # two for one, so that what a crowd has left behind goes too
            if len(self._buckets) >= self._buckets_max:
                oldest_id, oldest = self._buckets.popitem(last=False)
                if oldest.is_dirty or oldest.unsettled:
                    self._buckets[oldest_id] = oldest  # Redis has not been told yet; its turn comes again
        bucket = self._buckets[caller_id] = _Bucket(caller_id, limit, now)
        return bucket

    def _start(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._settling = self._loop.create_task(self._settle(), name="settle rate limits", context=self._context)

    async def _settle(self) -> None:
        buckets, self._dirty = self._dirty[:_BATCH_MAX], self._dirty[_BATCH_MAX:]
        for bucket in buckets:
            bucket.is_dirty = False
        causes, self._causes = self._causes, []
        try:
            if not self._breaker.allows():
                self._part(buckets)
            else:
                with work_span("settle rate limits", causes=causes) as span:
                    span.worked()
                    await self._settle_with_redis(buckets)
        finally:
            self._settling = None
            if self._dirty and self._timer is None:
                self._timer = self._loop.call_later(SETTLE_SECONDS, self._start, context=self._context)

    async def _settle_with_redis(self, buckets: list[_Bucket]) -> None:
        spent = [bucket.unsettled for bucket in buckets]
        spendings = [
            Spending(bucket.caller_id, bucket.limit.burst, bucket.limit.requests_per_second, count)
            for bucket, count in zip(buckets, spent, strict=True)
        ]
        try:
            lefts = await spend_tokens(self._client, spendings)
        except Unavailable:
            self._breaker.failed()
            self._part(buckets)
            return
        except BaseException:
            self._breaker.abandoned()
            raise
        self._breaker.succeeded()
        now = self._clock()
        for bucket, count, left in zip(buckets, spent, lefts, strict=True):
            bucket.become(bucket.limit)
            bucket.unsettled -= count
            bucket.tokens = left - bucket.unsettled  # what was given away meanwhile is not in the reply
            bucket.at = now

    def _part(self, buckets: list[_Bucket]) -> None:
        for bucket in buckets:
            bucket.become_share(self._workers)
