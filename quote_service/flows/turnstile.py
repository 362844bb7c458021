"""How many quotes a worker works on at once, how many wait, and for how long.

A permit is held from the pricing of a quote until its answer is ready to be sent, so what is bounded is the work that
waits for Redis too. Permits and waiting places are counted, never leaked: whoever is let in leaves exactly once, and who
waits is either let in, or told once that the time is over.

Source: spec 2, Limits and load.
"""

import asyncio
from collections import deque
from collections.abc import Callable

Enter = Callable[[], None]


class _Waiting:
    __slots__ = ("deadline", "enter", "expire")

    def __init__(self, deadline: float, enter: Enter, expire: Enter) -> None:
        self.deadline = deadline
        self.enter: Enter | None = enter
        self.expire = expire


class Turnstile:
    """Permits and a first-in, first-out queue in front of them. `refused` and `expired` count since the start."""

    __slots__ = ("_loop", "_permits", "_queue", "_queue_max", "_timer", "expired", "in_use", "refused", "waiting")

    def __init__(self, loop: asyncio.AbstractEventLoop, permits: int, queue_max: int) -> None:
        self._loop = loop
        self._permits = permits
        self._queue_max = queue_max
        self._queue: deque[_Waiting] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self.in_use = self.waiting = self.refused = self.expired = 0

    @property
    def capacity_left(self) -> int:
        """Quotes that could still be taken in, at once or in the queue."""
        return self._permits - self.in_use + self._queue_max - self.waiting

    def try_enter(self) -> bool:
        """Take a permit if one is free and nobody has waited longer."""
        if self.in_use < self._permits and not self.waiting:
            self.in_use += 1
            return True
        return False

    def wait(self, deadline: float, enter: Enter, expire: Enter) -> Callable[[], None] | None:
        """Wait for a permit.

        Args:
            deadline: The loop's time until which it is worth waiting; never earlier than that of who waits already.
            enter: Called with the permit taken.
            expire: Called instead when the deadline passes.

        Returns:
            What gives the place up (after which neither is called), or None where the queue is full.
        """
        if self.waiting >= self._queue_max:
            self.refused += 1
            return None
        waiting = _Waiting(deadline, enter, expire)
        self._queue.append(waiting)
        self.waiting += 1
        if self._timer is None:
            self._timer = self._loop.call_at(deadline, self._expire)

        def give_up() -> None:
            if waiting.enter is not None:
                waiting.enter = None  # its place in the queue is passed over when it comes to the front
                self.waiting -= 1

        return give_up

    def leave(self) -> None:
        """Give a permit back; the longest waiting takes it."""
        self.in_use -= 1
        assert self.in_use >= 0
        while self._queue and self.in_use < self._permits:
            waiting = self._queue.popleft()
            enter = waiting.enter
            if enter is not None:
                waiting.enter = None
                self.waiting -= 1
                self.in_use += 1
                enter()

    def _expire(self) -> None:
        self._timer = None
        now = self._loop.time()
        while self._queue and (self._queue[0].enter is None or self._queue[0].deadline <= now):
            waiting = self._queue.popleft()
            if waiting.enter is not None:
                waiting.enter = None
                self.waiting -= 1
                self.expired += 1
                waiting.expire()
        if self._queue:
            self._timer = self._loop.call_at(self._queue[0].deadline, self._expire)
