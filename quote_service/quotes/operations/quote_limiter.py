"""How many quotes a worker works on at once, how many wait, and for how long.

A permit is held from the pricing of a quote until its answer is ready to be sent, so what is bounded is the work that
waits for Redis too. Permits and waiting places are counted, never leaked: whoever is let in leaves exactly once, and who
waits is either let in, or told once that the time is over.

Source: docs/spec/quotes.md#limits.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from functools import partial

Enter = Callable[[], None]


class _Waiting:
    __slots__ = ("enter", "expire", "timer")

    def __init__(self, enter: Enter, expire: Enter) -> None:
        self.enter: Enter | None = enter  # None once it has been called or the place given up
        self.expire = expire
        self.timer: asyncio.TimerHandle


class QuoteLimiter:
    """Permits and a first-in, first-out queue in front of them. `refused` and `expired` count since the start."""

    __slots__ = ("_loop", "_permits", "_queue", "_queue_max", "expired", "in_use", "refused")

    def __init__(self, loop: asyncio.AbstractEventLoop, permits: int, queue_max: int) -> None:
        self._loop = loop
        self._permits = permits
        self._queue_max = queue_max
        self._queue: OrderedDict[_Waiting, None] = OrderedDict()
        self.in_use = self.refused = self.expired = 0

    @property
    def waiting(self) -> int:
        """How many wait for a permit."""
        return len(self._queue)

    @property
    def capacity_left(self) -> int:
        """Quotes that could still be taken in, at once or in the queue."""
        return self._permits - self.in_use + self._queue_max - len(self._queue)

    def try_enter(self) -> bool:
        """Take a permit if one is free; while anybody waits, none is."""
        if self.in_use < self._permits:
            self.in_use += 1
            return True
        return False

    def wait(self, deadline: float, enter: Enter, expire: Enter) -> Callable[[], None] | None:
        """Wait for a permit, after `try_enter` has given none.

        Args:
            deadline: The loop's time until which it is worth waiting.
            enter: Called by the loop, with the permit taken.
            expire: Called instead when the deadline passes.

        Returns:
            What gives the place up (after which neither is called), or None where the queue is full.
        """
        if len(self._queue) >= self._queue_max:
            self.refused += 1
            return None
        waiting = _Waiting(enter, expire)
        waiting.timer = self._loop.call_at(deadline, self._expire, waiting)
        self._queue[waiting] = None
        return partial(self._give_up, waiting)

    def leave(self) -> None:
        """Give a permit back; the longest waiting takes it."""
        assert self.in_use > 0
        if not self._queue:
            self.in_use -= 1
            return
        waiting, _ = self._queue.popitem(last=False)
        waiting.timer.cancel()
        # Not called from here: what enters may leave at once, so a long queue would become as deep a stack, and whoever
        # leaves now has an answer to send first.
        self._loop.call_soon(self._let_in, waiting)

    def _let_in(self, waiting: _Waiting) -> None:
        enter, waiting.enter = waiting.enter, None
        if enter is None:  # given up since
            self.leave()
        else:
            enter()

    def _give_up(self, waiting: _Waiting) -> None:
        waiting.enter = None
        if waiting in self._queue:
            del self._queue[waiting]
            waiting.timer.cancel()

    def _expire(self, waiting: _Waiting) -> None:
        # A timer that was due already when its place came to the front cannot be cancelled everywhere.
        if waiting in self._queue:
            del self._queue[waiting]
            waiting.enter = None
            self.expired += 1
            waiting.expire()
