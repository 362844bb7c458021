"""How often each API key may ask: a token bucket for each, in this process, filled by the monotonic clock.

Source: spec 2, Limits and load; IETF draft-ietf-httpapi-ratelimit-headers-11.
"""

import math
import time
from collections.abc import Callable

from quote_service.domain.access import RateLimit
from quote_service.domain.errors import TooMany


class _Bucket:
    __slots__ = ("at", "tokens")

    def __init__(self, tokens: float, at: float) -> None:
        self.tokens = tokens
        self.at = at


class RateLimits:
    """The buckets of one worker; there are as many as there are keys with a limit."""

    __slots__ = ("_buckets", "_clock", "refusals")

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}
        self.refusals = 0

    def spend(self, key_id: str, limit: RateLimit) -> None:
        """Take one token.

        Raises:
            TooMany: The bucket is empty; it says when the next token comes.
        """
        now = self._clock()
        bucket = self._buckets.get(key_id)
        if bucket is None:
            bucket = self._buckets[key_id] = _Bucket(float(limit.burst), now)
        bucket.tokens = min(float(limit.burst), bucket.tokens + (now - bucket.at) * limit.requests_per_second)
        bucket.at = now
        if bucket.tokens < 1:
            self.refusals += 1
            wait_seconds = math.ceil((1 - bucket.tokens) / limit.requests_per_second)
            raise TooMany("The key's rate limit is used up", retry_after_seconds=wait_seconds)
        bucket.tokens -= 1
