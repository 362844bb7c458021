"""Laws of the limiter: permits never leak, who came first goes first, and who waits is told exactly once.

The loop is one with a clock of the test's own, so that deadlines pass when the test says so.

Source: docs/spec/quotes.md#limits.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from itertools import count
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, precondition, rule

from quote_service.quotes.operations.quote_limiter import QuoteLimiter
from tests.pricing.laws import examples

PERMITS, QUEUE_MAX = 3, 5


class HandLoop:
    """A loop turned by hand: calls and timers run when `turn` and `pass_time` say so."""

    def __init__(self) -> None:
        self.now = 100.0
        self._soon: list[asyncio.Handle] = []
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._numbers = count()

    def time(self) -> float:
        return self.now

    def get_debug(self) -> bool:
        return False

    def call_soon(self, call: Callable[..., Any], *arguments: Any) -> asyncio.Handle:
        handle = asyncio.Handle(call, arguments, self)  # type: ignore[arg-type]
        self._soon.append(handle)
        return handle

    def call_at(self, when: float, call: Callable[..., Any], *arguments: Any) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when, call, arguments, self)  # type: ignore[arg-type]
        heapq.heappush(self._timers, (when, next(self._numbers), handle))
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """As an event loop is told."""

    def turn(self) -> None:
        """Run what is to run soon, and what that asks for."""
        while self._soon:
            calls, self._soon = self._soon, []
            for handle in calls:
                if not handle.cancelled():
                    handle._run()

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        while self._timers and self._timers[0][0] <= self.now:
            _, _, handle = heapq.heappop(self._timers)
            if not handle.cancelled():
                handle._run()
        self.turn()


class Guest:
    """Who came to the limiter, and what became of him."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.state = "waiting"
        self.give_up: Callable[[], None] | None = None


class TurnstileLaws(RuleBasedStateMachine):
    """Random comings, goings, deadlines and second thoughts."""

    waiting = Bundle("waiting")

    def __init__(self) -> None:
        super().__init__()
        self.loop = HandLoop()
        self.limiter = QuoteLimiter(self.loop, PERMITS, QUEUE_MAX)  # type: ignore[arg-type]
        self.inside: list[Guest] = []
        self.queue: list[Guest] = []
        self.refused = self.expired = 0

    @rule(target=waiting, seconds=st.integers(1, 10))
    def come(self, seconds: int) -> Guest:
        guest = Guest(self.loop.now + seconds)
        if self.limiter.try_enter():
            assert not self.queue, "somebody waited longer"
            guest.state = "inside"
            self.inside.append(guest)
            return guest
        assert len(self.inside) == PERMITS
        guest.give_up = self.limiter.wait(guest.deadline, lambda: self._entered(guest), lambda: self._expired(guest))
        if guest.give_up is None:
            assert len(self.queue) == QUEUE_MAX
            guest.state = "refused"
            self.refused += 1
        else:
            self.queue.append(guest)
        return guest

    @precondition(lambda self: self.inside)
    @rule(place=st.integers(0, PERMITS - 1), at_once=st.integers(0, 3))
    def leave(self, place: int, at_once: int) -> None:
        """Some leave in one tick."""
        for _ in range(min(at_once + 1, len(self.inside))):
            self.inside.pop(place % len(self.inside)).state = "left"
            self.limiter.leave()
        self.loop.turn()

    @rule(guest=consumes(waiting))
    def give_up(self, guest: Guest) -> None:
        if guest.give_up is None:
            return
        if guest in self.queue:
            self.queue.remove(guest)
            guest.state = "gone"
        guest.give_up()
        guest.give_up()

    @precondition(lambda self: self.inside and self.queue)
    @rule()
    def give_up_with_the_permit_on_its_way(self) -> None:
        guest = self.queue.pop(0)
        self.inside.pop(0).state = "left"
        self.limiter.leave()
        assert guest.give_up is not None
        guest.state = "gone"
        guest.give_up()
        self.loop.turn()

    @rule(seconds=st.integers(1, 12))
    def time_passes(self, seconds: int) -> None:
        self.loop.pass_time(seconds)
        assert all(guest.deadline > self.loop.now for guest in self.queue), "nobody waits beyond his time"

    @invariant()
    def all_are_counted(self) -> None:
        limiter = self.limiter
        assert limiter.in_use == len(self.inside) <= PERMITS
        assert limiter.waiting == len(self.queue) <= QUEUE_MAX
        assert not self.queue or len(self.inside) == PERMITS, "nobody waits beside a free permit"
        assert (limiter.refused, limiter.expired) == (self.refused, self.expired)
        assert limiter.capacity_left == PERMITS + QUEUE_MAX - len(self.inside) - len(self.queue)

    def teardown(self) -> None:
        while self.inside:
            self.inside.pop().state = "left"
            self.limiter.leave()
            self.loop.turn()
        assert (self.limiter.in_use, self.limiter.waiting) == (0, 0)

    def _entered(self, guest: Guest) -> None:
        assert guest.state == "waiting", "told once"
        assert self.queue.pop(0) is guest, "the longest waiting goes first"
        guest.state = "inside"
        self.inside.append(guest)

    def _expired(self, guest: Guest) -> None:
        assert guest.state == "waiting", "told once"
        assert guest.deadline <= self.loop.now
        self.queue.remove(guest)
        guest.state = "expired"
        self.expired += 1


TurnstileLaws.TestCase.settings = settings(max_examples=examples(150), stateful_step_count=40, deadline=None)
test_laws = TurnstileLaws.TestCase


def test_a_queue_as_long_as_it_may_be_is_worked_off_without_a_deep_stack() -> None:
    """Each leaves as soon as it is let in, as it is when Redis is known to be unavailable."""
    loop = HandLoop()
    limiter = QuoteLimiter(loop, 1, 10_000)  # type: ignore[arg-type]
    assert limiter.try_enter()
    for _ in range(10_000):
        assert limiter.wait(loop.now + 1, limiter.leave, lambda: None) is not None
    limiter.leave()
    loop.turn()
    assert (limiter.in_use, limiter.waiting) == (0, 0)


def test_no_queue_refuses_at_once() -> None:
    limiter = QuoteLimiter(HandLoop(), 1, 0)  # type: ignore[arg-type]
    assert limiter.try_enter()
    assert limiter.wait(1e9, lambda: None, lambda: None) is None
    limiter.leave()
    assert limiter.try_enter()
