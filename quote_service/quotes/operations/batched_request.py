"""One basket of a batch, as a quote request.

Source: docs/spec/quotes.md#batches.
"""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import QuoteServiceError, TimedOut
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.quote import CheckedBasket
from quote_service.quotes.operations.issue_quote import QuoteIssuer
from quote_service.quotes.operations.local_quotes import LocalAnswer
from quote_service.quotes.operations.quote_asker import CacheTier
from quote_service.quotes.operations.quote_limiter import QuoteLimiter
from quote_service.quotes.operations.quote_request import QuoteRequest


class Answered(NamedTuple):
    """A quote, the tier that it came from, and how long it took from its turn on."""

    answer: LocalAnswer
    tier: CacheTier
    seconds: float


Outcome = Answered | QuoteServiceError


class BatchTerms(NamedTuple):
    """How the baskets of one batch are quoted: `read` decodes a basket, `admit` counts it against the caller's limit.

    `finds_by_body` lets an answer to the same bytes do again without reading them; `deadline` is the loop's time at which
    the batch ends, `clock` says the instant of a quote in microseconds.
    """

    loop: asyncio.AbstractEventLoop
    read: Callable[[bytes, CatalogSnapshot], CheckedBasket]
    admit: Callable[[], None]
    bypass: bool
    finds_by_body: bool
    deadline: float
    clock: Callable[[], int] = now_us


class BatchedQuoteRequest(QuoteRequest):
    """A request whose `outcome` is awaited."""

    __slots__ = ("_began", "_terms", "outcome")

    def __init__(
        self, issuer: QuoteIssuer, limiter: QuoteLimiter, terms: BatchTerms, body: bytes, deadline: float
    ) -> None:
        """`deadline`: until when it may wait for a permit, which is later than its batch does."""
        super().__init__(issuer, limiter, body, deadline)
        self._terms = terms
        self._began = terms.loop.time()
        self.bypass = terms.bypass
        self.finds_by_body = terms.finds_by_body
        self.outcome: asyncio.Future[Outcome] = terms.loop.create_future()

    def admit(self) -> None:
        """Count it, unless the time of the batch is over."""
        if self._began >= self._terms.deadline:
            raise too_late()
        self._terms.admit()
        self.at_us = self._terms.clock()

    def read(self, catalog: CatalogSnapshot) -> CheckedBasket:
        """Read the basket as those of this caller are read."""
        return self._terms.read(self.body, catalog)

    def answered(self, answer: LocalAnswer, tier: CacheTier) -> None:
        """Have a quote."""
        seconds = self._terms.loop.time() - self._began
        if self.exposed is not None:
            self.issuer.exposures.answered(self.exposed, seconds, self.at_us)
        self.issuer.count_answer(answer, tier, seconds)
        self._settle(Answered(answer, tier, seconds))

    def refused(self, error: QuoteServiceError) -> None:
        """Have none."""
        self._settle(error)

    def failed(self, mistake: Exception) -> None:
        """Raise where the outcome is awaited."""
        if not self.outcome.done():
            self.outcome.set_exception(mistake)

    def abandon(self) -> None:
        """Wait no longer: if it has not begun, it never does."""
        self.outcome.cancel()
        if self.give_up is not None:
            self.give_up()

    def _settle(self, outcome: Outcome) -> None:
        if not self.outcome.done():
            self.outcome.set_result(outcome)


def too_late() -> TimedOut:
    """Why a basket has not been quoted when the time is over."""
    return TimedOut("The quote could not be priced in time")
