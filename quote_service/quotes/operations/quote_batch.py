"""Quote many baskets in one call, each a request of its own (`quote_request.py`).

A batch takes its permits at the limiter like everybody, a few at a time and behind whoever waits already, and lets the
event loop turn after each basket: single quotes come in between, however long the batch is. What is not answered when
the time is over is refused; nothing of it goes on.

Source: docs/spec/quotes.md#batches; docs/spec/quotes.md#limits.
"""

import asyncio
from collections.abc import Sequence

from quote_service.quotes.operations.batched_request import BatchedQuoteRequest, BatchTerms, Outcome, too_late
from quote_service.quotes.operations.issue_quote import QuoteIssuer
from quote_service.quotes.operations.quote_limiter import QuoteLimiter

# As many as go to Redis together; few beside the 64 permits of a worker.
PERMITS_AT_ONCE = 8


class BatchQuoter:
    """Quotes the baskets of one batch."""

    def __init__(
        self, issuer: QuoteIssuer, limiter: QuoteLimiter, terms: BatchTerms, *, timeout_seconds: float
    ) -> None:
        self._issuer = issuer
        self._limiter = limiter
        self._terms = terms
        self._timeout_seconds = timeout_seconds
        self._loop = terms.loop

    async def quote(self, baskets: Sequence[bytes]) -> list[Outcome]:
        """The outcome of each basket, in their order."""
        outcomes: list[Outcome] = []
        for start in range(0, len(baskets), PERMITS_AT_ONCE):
            running = []
            for body in baskets[start : start + PERMITS_AT_ONCE]:
                # Nobody may wait for less long than who waits already; `_end` sees to the batch's own, earlier deadline.
                until = self._loop.time() + self._timeout_seconds
                running.append(BatchedQuoteRequest(self._issuer, self._limiter, self._terms, body, until))
                running[-1].run()
                await asyncio.sleep(0)
            outcomes += [await self._end(request) for request in running]
        return outcomes

    async def _end(self, request: BatchedQuoteRequest) -> Outcome:
        left = max(0.0, self._terms.deadline - self._loop.time())
        done, _ = await asyncio.wait([request.outcome], timeout=left)
        if done:
            return request.outcome.result()
        request.abandon()
        return too_late()
