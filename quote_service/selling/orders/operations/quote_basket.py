"""Quote a basket that is ordered at once: a quote of its own, which nobody else is handed and which is ordered once.

Source: docs/spec/orders.md#place-an-order.
"""

import asyncio
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

import msgspec

from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.quote import CheckedBasket
from quote_service.pricing.quote_answer import WarningDocument
from quote_service.quotes.model.kept_quote import KeptQuote
from quote_service.quotes.operations.accept_quote import Offer, offer_of_kept
from quote_service.quotes.operations.batched_request import Answered, BatchTerms
from quote_service.quotes.operations.issue_quote import QuoteIssuer
from quote_service.quotes.operations.issued_bytes import issued_data
from quote_service.quotes.operations.quote_batch import BatchQuoter
from quote_service.quotes.operations.quote_limiter import QuoteLimiter
from quote_service.quotes.operations.request_warnings import request_warnings_in

#: Reads the bytes of a basket, of a shopper where one is named, and strictly where that is asked for.
ReadBasket = Callable[[bytes, str | None, bool, CatalogSnapshot | None], CheckedBasket]
_read_warnings: Callable[[bytes], tuple[WarningDocument, ...]] = msgspec.json.Decoder(
    tuple[WarningDocument, ...]
).decode


class QuotedBasket(NamedTuple):
    """The quote of a basket, what it offers, and warnings about what the basket says and does not count."""

    quote_id: UUID
    offer: Offer
    warnings: tuple[WarningDocument, ...]


class BasketQuoter(msgspec.Struct, frozen=True):
    """The parts of a process that quote a basket for an order."""

    issuer: QuoteIssuer
    limiter: QuoteLimiter
    read: ReadBasket
    timeout_seconds: float

    def require_readable(self, body: bytes, shopper_id: str | None, *, is_strict: bool) -> None:
        """See to it that a basket is one, whatever the catalog says of what is in it.

        Raises:
            QuoteServiceError: It is none.
        """
        self.read(body, shopper_id, is_strict, None)

    async def quote(self, body: bytes, shopper_id: str | None, *, is_strict: bool) -> QuotedBasket:
        """A quote for a basket.

        Args:
            body: The basket as it was sent.
            shopper_id: The shopper whose basket it must be; None for any other caller.
            is_strict: Whether a field that nobody reads is refused.

        Raises:
            QuoteServiceError: It cannot be quoted.
        """
        loop = asyncio.get_running_loop()
        terms = BatchTerms(
            loop,
            lambda basket, catalog: self.read(basket, shopper_id, is_strict, catalog),
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
            answer.form,
        )
        offer = offer_of_kept(kept, now_us())
        if isinstance(offer, QuoteServiceError):
            raise offer
        return QuotedBasket(UUID(answer.quote_id), offer, _read_warnings(b"[%b]" % request_warnings_in(answer.tail)))


def _count_nothing() -> None:
    pass
