"""Orders priced in several processes, and handed out in their order.

Source: docs/spec/seeding.md#how-it-is-written.
"""

import asyncio
import multiprocessing
import signal
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Final

from quote_service.pricing.rulebook.stored import RulebookChanges
from quote_service.seeding.operations.price_orders import OrderKeys, OrderPricer
from quote_service.seeding.words.plan import SeedPlan

CHUNK_ORDERS: Final = 500
# Fewer are priced sooner than a process has started.
_ALONE_ORDERS: Final = 2_000
_AHEAD: Final = 4  # chunks for each process: enough that none waits, and few enough to hold in memory
_pricer: OrderPricer | None = None


async def order_chunks(
    plan: SeedPlan, changes: RulebookChanges, keys: OrderKeys, processes: int, told: Callable[[int], None]
) -> AsyncIterator[bytes]:
    """The rows of all orders, as COPY takes them, some hundred at a time.

    Args:
        plan: How many.
        changes: The whole rulebook that they are priced by.
        keys: Sign them.
        processes: How many price at once, beside this one.
        told: Called with how many orders have been handed out.
    """
    ends = [min(first + CHUNK_ORDERS, plan.orders) for first in range(0, plan.orders, CHUNK_ORDERS)]
    if plan.orders <= _ALONE_ORDERS:
        pricer = OrderPricer(plan, changes, keys)
        for number, end in enumerate(ends):
            yield pricer.lines(number * CHUNK_ORDERS, end)
            told(end)
        return
    pool = ProcessPoolExecutor(
        processes, multiprocessing.get_context("spawn"), initializer=_begin, initargs=(plan, changes, keys)
    )
    loop = asyncio.get_running_loop()
    waiting: deque[tuple[int, asyncio.Future[bytes]]] = deque()
    try:
        for number, end in enumerate(ends):
            waiting.append((end, loop.run_in_executor(pool, _price, number * CHUNK_ORDERS, end)))
            if len(waiting) >= _AHEAD * processes:
                done, lines = waiting.popleft()
                yield await lines
                told(done)
        for done, lines in waiting:
            yield await lines
            told(done)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _begin(plan: SeedPlan, changes: RulebookChanges, keys: OrderKeys) -> None:
    global _pricer
    # Ctrl-C reaches every process of a terminal; the first one ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _pricer = OrderPricer(plan, changes, keys)


def _price(first: int, end: int) -> bytes:
    assert _pricer is not None
    return _pricer.lines(first, end)
