"""A concurrency limiter: a bounded number of things at once, and a bounded number that wait, each for a bounded time.

For work beside the quote path: accepts, which hold a database connection each, and calculations that take a thread.

Source: docs/spec/quotes.md#limits.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from quote_service.platform.system.errors import Overloaded


class ConcurrencyLimiter:
    """`at_once` are let in, `waiting_max` wait, each for `wait_seconds`; the rest is refused."""

    __slots__ = ("_permits", "_wait_seconds", "_waiting_max", "waiting")

    def __init__(self, at_once: int, waiting_max: int, wait_seconds: float) -> None:
        self._permits = asyncio.Semaphore(at_once)
        self._waiting_max = waiting_max
        self._wait_seconds = wait_seconds
        self.waiting = 0

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[None]:
        """Hold a place for the length of the block.

        Raises:
            Overloaded: Too many wait already, or none came free in time.
        """
        if self.waiting >= self._waiting_max:
            raise Overloaded("Too many requests of this kind are already waiting", retry_after_seconds=1)
        self.waiting += 1
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._permits.acquire()
        except TimeoutError:
            raise Overloaded("The request waited too long for its turn", retry_after_seconds=1) from None
        finally:
            self.waiting -= 1
        try:
            yield
        finally:
            self._permits.release()


class AcceptLimiter(ConcurrencyLimiter):
    """Of quotes that are accepted: each holds a connection to PostgreSQL."""

    __slots__ = ()


class CalculationLimiter(ConcurrencyLimiter):
    """Of calculations beside the quote path (simulations, explanations, analytics): each takes a thread."""

    __slots__ = ()
