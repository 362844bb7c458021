"""Quote many baskets in one call, each a request of its own (`quote_request.py`).

A batch takes its permits at the limiter like everybody, a few at a time and behind whoever waits already, and lets the
event loop turn after each basket: single quotes come in between, however long the batch is. What is not answered when
the time is over is refused; nothing of it goes on.

Source: docs/spec/quotes.md#batches; docs/spec/quotes.md#limits.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple

from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.quotes.operations.issue_quote import QuoteIssuer
from quote_service.quotes.operations.quote_limiter import QuoteLimiter
from quote_service.quotes.operations.quote_request import AwaitedAsker, QuoteRequest, too_late
from quote_service.quotes.reading.read_basket import Care

# As many as go to Redis together; few beside the 64 permits of a worker.
PERMITS_AT_ONCE = 8


class BatchTerms(NamedTuple):
    """How the baskets of one batch are quoted: `admit` counts a basket against the caller's limit, or refuses it.

    `deadline` is the loop's time at which the batch ends; `timeout_seconds` how long one basket may wait for a permit.
    """

    care: Care
    admit: Callable[[], None]
    bypass: bool
    deadline: float
    timeout_seconds: float


async def quote_batch(
    issuer: QuoteIssuer, limiter: QuoteLimiter, terms: BatchTerms, baskets: Sequence[bytes]
) -> list[QuoteRequest]:
    """The requests of the baskets, in their order, each with its answer or its error."""
    loop = asyncio.get_running_loop()
    over: list[QuoteRequest] = []
    for start in range(0, len(baskets), PERMITS_AT_ONCE):
        running = []
        for body in baskets[start : start + PERMITS_AT_ONCE]:
            began = loop.time()
            asker = AwaitedAsker(loop.create_future())
            # Nobody may wait for less long than who waits already; `_end` sees to the batch's own, earlier deadline.
            request = QuoteRequest(issuer, limiter, asker, body, now_us(), began + terms.timeout_seconds)
            request.care, request.bypass = terms.care, terms.bypass
            _begin(request, terms, began)
            running.append((request, asker.future))
            await asyncio.sleep(0)
        over += [await _end(request, future, terms.deadline - loop.time()) for request, future in running]
    return over


def _begin(request: QuoteRequest, terms: BatchTerms, began: float) -> None:
    try:
        if began >= terms.deadline:
            raise too_late()
        terms.admit()
    except QuoteServiceError as error:
        request.refuse(error)
    else:
        request.run()


async def _end(request: QuoteRequest, future: asyncio.Future[None], seconds_left: float) -> QuoteRequest:
    done, _ = await asyncio.wait([future], timeout=max(0.0, seconds_left))
    if done:
        future.result()
    else:
        future.cancel()
        request.abandon(too_late())
    return request
