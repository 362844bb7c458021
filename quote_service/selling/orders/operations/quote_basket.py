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
from quote_service.pricing.quote_answer import WarningDocument
from quote_service.quotes.model.kept_quote import KeptQuote
from quote_service.quotes.operations.accept_quote import Offer, offer_of_kept
from quote_service.quotes.operations.issue_quote import QuoteIssuer
from quote_service.quotes.operations.quote_batch import BatchTerms, quote_batch
from quote_service.quotes.operations.quote_limiter import QuoteLimiter
from quote_service.quotes.operations.request_warnings import request_warnings_in
from quote_service.quotes.operations.write_answer import issued_data
from quote_service.quotes.reading.read_basket import Care, read_basket

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
    timeout_seconds: float

    def require_readable(self, body: bytes, shopper_id: str | None, *, is_strict: bool) -> None:
        """See to it that a basket is one, whatever the catalog says of what is in it.

        Raises:
            QuoteServiceError: It is none.
        """
        read_basket(body, _care(shopper_id, is_strict))

    async def quote(self, body: bytes, shopper_id: str | None, *, is_strict: bool) -> QuotedBasket:
        """A quote for a basket.

        Args:
            body: The basket as it was sent.
            shopper_id: The shopper whose basket it must be; None for any other caller.
            is_strict: Whether a field that nobody reads is refused.

        Raises:
            QuoteServiceError: It cannot be quoted.
        """
        terms = BatchTerms(
            _care(shopper_id, is_strict),
            _count_nothing,  # the order was counted against the caller's limit
            bypass=True,
            deadline=asyncio.get_running_loop().time() + self.timeout_seconds,
            timeout_seconds=self.timeout_seconds,
        )
        (asked,) = await quote_batch(self.issuer, self.limiter, terms, [body])
        if asked.error is not None:
            raise asked.error
        answer = asked.answer
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


def _care(shopper_id: str | None, is_strict: bool) -> Care:
    # An order says what of its basket was not read, wherever it runs: money follows it.
    return Care(shopper_id, is_strict, notes_unknown=True)


def _count_nothing() -> None:
    pass
