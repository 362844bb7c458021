"""Quote a basket that is ordered at once: a quote of its own, which nobody else is handed and which is ordered once.

Source: docs/spec/orders.md#place-an-order.
"""

import asyncio
from collections.abc import Callable
from uuid import UUID

import msgspec

from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.quote import CheckedBasket
from quote_service.quotes.operations.accept_quote import Offer, offer_of_kept
from quote_service.quotes.operations.batched_request import Answered, BatchTerms
from quote_service.quotes.operations.issue_quote import QuoteIssuer
from quote_service.quotes.operations.issued_bytes import issued_data
from quote_service.quotes.operations.quote_batch import BatchQuoter
from quote_service.quotes.operations.quote_limiter import QuoteLimiter
from quote_service.quotes.words.kept_quote import KeptQuote
from quote_service.system.clock import now_us
from quote_service.system.errors import QuoteServiceError

#: Reads the bytes of a basket, of a shopper where one is named.
ReadBasket = Callable[[bytes, str | None, CatalogSnapshot], CheckedBasket]


class BasketQuoter(msgspec.Struct, frozen=True):
    """The parts of a process that quote a basket for an order."""

    issuer: QuoteIssuer
    limiter: QuoteLimiter
    read: ReadBasket
    timeout_seconds: float

    async def quote(self, body: bytes, shopper_id: str | None) -> tuple[UUID, Offer]:
        """A quote for a basket, and what it offers.

        Args:
            body: The basket as it was sent.
            shopper_id: The shopper whose basket it must be; None for any other caller.

        Raises:
            QuoteServiceError: It cannot be quoted.
        """
        loop = asyncio.get_running_loop()
        terms = BatchTerms(
            loop,
            lambda basket, catalog: self.read(basket, shopper_id, catalog),
            _count_nothing,  # the order was counted against the caller's limit
            bypass=True,
            finds_by_body=False,
            deadline=loop.time() + self.timeout_seconds,
        )
        quoter = BatchQuoter(self.issuer, self.limiter, terms, timeout_seconds=self.timeout_seconds)
        (outcome,) = await quoter.quote([body])
        if not isinstance(outcome, Answered):
            raise outcome
        answer = outcome.answer
        kept = KeptQuote(
            answer.quote_id,
            answer.rulebook_version,
            answer.issued_at_us,
            answer.valid_until_us,
            issued_data(answer),
            answer.request,
        )
        offer = offer_of_kept(kept, now_us())
        if isinstance(offer, QuoteServiceError):
            raise offer
        return UUID(answer.quote_id), offer


def _count_nothing() -> None:
    pass
