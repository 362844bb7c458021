"""Orders priced in several processes, and handed out in their order.

Source: docs/spec/seeding.md#how-it-is-written.
"""

import asyncio
import multiprocessing
import signal
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import Final

from quote_service.lab.seeding.model.plan import SeedPlan
from quote_service.lab.seeding.operations.past_quotes import OrderKeys
from quote_service.lab.seeding.operations.price_orders import OrderPricer
from quote_service.pricing.rulebook.stored import RulebookChanges

CHUNK_ORDERS: Final = 500
# Fewer are priced sooner than a process has started.
_ALONE_ORDERS: Final = 2_000
_AHEAD: Final = 40  # chunks, some 100 MB: priced while the catalog is written
_pricer: OrderPricer | None = None


class OrderChunks:
    """The rows of all orders, as COPY takes them, some hundred at a time.

    Pricing begins at once, and goes ahead of whoever takes the rows; `close` ends it.
    """

    def __init__(self, plan: SeedPlan, changes: RulebookChanges, keys: OrderKeys, processes: int) -> None:
        """Begin.

        Args:
            plan: How many orders.
            changes: The whole rulebook that they are priced by.
            keys: Sign them.
            processes: How many price at once, beside this one.
        """
        self._orders = plan.orders
        self._firsts = iter(range(0, plan.orders, CHUNK_ORDERS))
        self._waiting: deque[tuple[int, Future[bytes]]] = deque()
        self._alone: OrderPricer | None = None
        self._pool: ProcessPoolExecutor | None = None
        if plan.orders <= _ALONE_ORDERS:
            self._alone = OrderPricer(plan, changes, keys)
        else:
            self._pool = ProcessPoolExecutor(
                processes, multiprocessing.get_context("spawn"), initializer=_begin, initargs=(plan, changes, keys)
            )
            with _unbothered_children():
                self._go_ahead()

    async def rows(self, reported: Callable[[int], None]) -> AsyncIterator[bytes]:
        """The chunks, in the order of the orders; `told` is called with how many have been taken."""
        if self._alone is not None:
            for first in self._firsts:
                end = min(first + CHUNK_ORDERS, self._orders)
                yield self._alone.lines(first, end)
                reported(end)
        while self._waiting:
            end, lines = self._waiting.popleft()
            yield await asyncio.wrap_future(lines)
            self._go_ahead()
            reported(end)

    def close(self) -> None:
        """Price no more."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _go_ahead(self) -> None:
        assert self._pool is not None
        while len(self._waiting) < _AHEAD and (first := next(self._firsts, None)) is not None:
            end = min(first + CHUNK_ORDERS, self._orders)
            self._waiting.append((end, self._pool.submit(_price, first, end)))


@contextmanager
def _unbothered_children() -> Iterator[None]:
    """Ctrl-C reaches every process of a terminal: those started now leave it to the first one, which ends them."""
    resource_tracker.ensure_running()  # it lets signals through again once it has started
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _begin(plan: SeedPlan, changes: RulebookChanges, keys: OrderKeys) -> None:
    global _pricer
    _pricer = OrderPricer(plan, changes, keys)


def _price(first: int, end: int) -> bytes:
    assert _pricer is not None
    return _pricer.lines(first, end)
