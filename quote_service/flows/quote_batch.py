"""Quote many baskets in one call, each on its own.

A batch takes its permits at the turnstile like everybody, a few at a time and behind whoever waits already, and lets the
event loop turn after each basket: single quotes come in between, however long the batch is. What is not answered when
the time is over is refused; nothing of it goes on.

Source: spec 2, `POST /api/v1/quotes/batch`; Limits and load.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple

from quote_service.domain.errors import Overloaded, QuoteServiceError, TimedOut
from quote_service.domain.quote import CheckedBasket
from quote_service.flows.issue_quote import CacheTier, QuoteDesk
from quote_service.flows.local_quotes import LocalAnswer
from quote_service.flows.turnstile import Turnstile
from quote_service.system.clock import now_us

# As many as go to Redis together; few beside the 64 permits of a worker.
PERMITS_AT_ONCE = 8


class Answered(NamedTuple):
    """A quote, the tier that it came from, and how long it took from its turn on."""

    answer: LocalAnswer
    tier: CacheTier
    seconds: float


Outcome = Answered | QuoteServiceError


class BatchQuoter:
    """Quotes the baskets of one batch: `read` decodes a basket, `admit` counts it against the caller's limit."""

    def __init__(
        self,
        desk: QuoteDesk,
        turnstile: Turnstile,
        read: Callable[[bytes], CheckedBasket],
        admit: Callable[[], None],
        *,
        bypass: bool,
        started_at: float,
        timeout_seconds: float,
    ) -> None:
        self._desk = desk
        self._turnstile = turnstile
        self._read = read
        self._admit = admit
        self._bypass = bypass
        self._timeout_seconds = timeout_seconds
        self._deadline = started_at + timeout_seconds
        self._loop = asyncio.get_running_loop()

    async def quote(self, baskets: Sequence[bytes]) -> list[Outcome]:
        """The outcome of each basket, in their order."""
        outcomes: list[Outcome] = []
        for start in range(0, len(baskets), PERMITS_AT_ONCE):
            running = []
            for body in baskets[start : start + PERMITS_AT_ONCE]:
                running.append(self._begin(body))
                await asyncio.sleep(0)
            outcomes += [await self._end(outcome) for outcome in running]
        return outcomes

    def _begin(self, body: bytes) -> "asyncio.Future[Outcome]":
        future: asyncio.Future[Outcome] = self._loop.create_future()
        began = self._loop.time()
        try:
            if began >= self._deadline:
                raise _too_late()
            self._admit()
            at_us = now_us()
            held = None if self._bypass else self._desk.find(body, at_us)
            if held is not None:
                future.set_result(Answered(held, "local", self._loop.time() - began))
            else:
                self._ask(body, at_us, began, future)
        except QuoteServiceError as refused:
            future.set_result(refused)
        return future

    def _ask(self, body: bytes, at_us: int, began: float, future: "asyncio.Future[Outcome]") -> None:
        """Price a basket once there is a permit, which goes back exactly once whoever still waits for the quote."""
        turnstile = self._turnstile

        def finish(outcome: Outcome) -> None:
            turnstile.leave()
            _settle(future, outcome)

        def enter() -> None:
            if future.done():
                turnstile.leave()
                return
            try:
                self._desk.issue(
                    self._read(body),
                    body,
                    at_us,
                    lambda answer, tier: finish(Answered(answer, tier, self._loop.time() - began)),
                    bypass=self._bypass,
                )
            except QuoteServiceError as refused:
                finish(refused)
            except Exception as mistake:  # noqa: BLE001 (carried to the last handler; it must not cost a permit)
                turnstile.leave()
                if not future.done():
                    future.set_exception(mistake)

        if turnstile.try_enter():
            enter()
            return
        # Nobody may wait for less long than who waits already; `_end` sees to the batch's own, earlier deadline.
        until = self._loop.time() + self._timeout_seconds
        if turnstile.wait(until, enter, lambda: _settle(future, _too_late())) is None:
            raise Overloaded("Too many quotes are waiting already", retry_after_seconds=1)

    async def _end(self, future: "asyncio.Future[Outcome]") -> Outcome:
        done, _ = await asyncio.wait([future], timeout=max(0.0, self._left()))
        if not done:
            future.cancel()  # if it has not begun, it never does
            return _too_late()
        return future.result()

    def _left(self) -> float:
        return self._deadline - self._loop.time()


def _settle(future: "asyncio.Future[Outcome]", outcome: Outcome) -> None:
    if not future.done():
        future.set_result(outcome)


def _too_late() -> TimedOut:
    return TimedOut("The quote could not be worked out in time")
