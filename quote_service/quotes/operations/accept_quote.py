"""A checkout commits to a quote: what its price rests on is taken, and it is kept for good, in one transaction.

What is accepted is the quote as this service holds it, or as the checkout brings it back with a signature that holds, or
both, which must agree. An accepted quote is never looked at again: a second accept gets the first one's receipt, however
long after.

Limits of coupons and budgets are those of the versions that the quote was priced with: a price once given is honoured.

Source: docs/spec/quotes.md#accept-a-quote; docs/spec/reservations.md.
"""

from uuid import UUID

import msgspec

from quote_service.platform.documents.exact_documents import parse_exact
from quote_service.platform.postgres.change import Change
from quote_service.platform.system.errors import QuoteServiceError, Unavailable
from quote_service.quotes.answer.issued_parts import signed_bytes
from quote_service.quotes.answer.restore_quote import NotAQuote, RestoredQuote, read_kept
from quote_service.quotes.answer.shopper_form import shopper_document
from quote_service.quotes.model.accepted_quote import AcceptedQuote, QuoteFigures, figures_of
from quote_service.quotes.model.claim_of import claim_of
from quote_service.quotes.model.errors import QuoteDiffers, QuoteEnded, QuoteExpired, QuoteUnknown, QuoteUnreadable
from quote_service.quotes.model.kept_quote import KeptQuote
from quote_service.quotes.operations.quote_cache import QuoteCache
from quote_service.quotes.operations.read_quote import read_quote
from quote_service.quotes.operations.sign_receipt import ReceiptSigner
from quote_service.quotes.tables.accepted_quotes import accepted_quote, insert_accepted
from quote_service.shop.reservations.model.claim import Claim
from quote_service.shop.reservations.operations.hold_quotes import hold_quotes
from quote_service.shop.reservations.operations.take import take

ENDED = "The quote has expired; request a new one"
# What may differ between two answers with one quote's id: the reference echoed, and whether Redis was there.
_ECHOES = ("external_ref", "warnings", "signature", "cache")


class Offer(msgspec.Struct, frozen=True):
    """A quote that may be accepted; `kept` is None where only the checkout still has it."""

    restored: RestoredQuote
    figures: QuoteFigures
    data: bytes
    kept: KeptQuote | None

    def claim(self, customer_id: str | None) -> Claim:
        """What it takes when it is accepted, by this customer where one is known."""
        whose = None if customer_id is None else UUID(customer_id)
        return claim_of(self.restored.document, self.restored.exponent, whose)


async def find_offer(
    cache: QuoteCache, quote_id: UUID, brought: RestoredQuote | None, at_us: int, ttl_seconds: int
) -> Offer | QuoteServiceError:
    """What stands to be accepted, or why nothing does: the error is for later, since the quote may be accepted already.

    Args:
        cache: Where issued quotes are kept.
        quote_id: The id that was asked for.
        brought: The quote as the checkout holds it, under a signature that holds.
        at_us: Now.
        ttl_seconds: How long quotes last.
    """
    kept: KeptQuote | None = None
    try:
        kept = await read_quote(cache, quote_id, at_us, ttl_seconds)
    except QuoteExpired:
        return QuoteEnded(ENDED)
    except (QuoteUnknown, Unavailable) as away:
        if brought is None:
            return away
    if kept is None:
        assert brought is not None
        return _offer(brought, brought.data, None, at_us)
    if brought is None:
        return offer_of_kept(kept, at_us)
    try:
        held = read_kept(kept.data)
    except NotAQuote:
        # Its signature says that it is ours, so it is honoured all the same.
        return _offer(brought, brought.data, kept, at_us)
    if brought.signed == held.signed or (kept.earlier is not None and brought.signed == signed_bytes(kept.earlier)):
        return _offer(held, kept.data, kept, at_us)
    is_shown = brought.has_shopper_form and not held.has_shopper_form
    if _figures_only(brought) != _figures_only(held, is_shown=is_shown):
        return QuoteDiffers("The quote sent differs from the quote issued under this id")
    if is_shown:  # what is accepted is the whole quote, with all that a ledger needs
        return _offer(held, kept.data, kept, at_us)
    return _offer(brought, brought.data, kept, at_us)


def offer_of_kept(kept: KeptQuote, at_us: int) -> Offer | QuoteServiceError:
    """What a quote offers that this service holds; the error if it has ended."""
    try:
        return _offer(read_kept(kept.data), kept.data, kept, at_us)
    except NotAQuote as refused:
        return QuoteUnreadable(f"This release cannot read the quote: {refused.pointer or 'it'} {refused.detail}")


async def accept_quote(
    change: Change,
    quote_id: UUID,
    offer: Offer | QuoteServiceError,
    customer_id: str | None,
    receipts: ReceiptSigner,
) -> AcceptedQuote:
    """Accept a quote within the caller's transaction; what is accepted already stays as it is.

    Args:
        change: Who accepts, and the instant of it.
        quote_id: The quote.
        offer: What `find_offer` found.
        customer_id: The customer, where known.
        receipts: Signs the receipt.

    Raises:
        OutOfStock, CouponExhausted, BudgetExhausted: The quote cannot have what its price rests on; nothing is accepted.
        QuoteEnded, QuoteUnknown, QuoteDiffers, QuoteUnreadable, Unavailable: See `find_offer`.
        Invalid: The quote uses a coupon, or a budget for each customer, and it is not known whose use that is.
    """
    # Before anything is read or written of it: whoever orders it does so too.
    held = await hold_quotes(change.connection, [quote_id])
    already = await accepted_quote(change.connection, quote_id)
    if already is not None:
        return already
    if isinstance(offer, QuoteServiceError):
        raise offer
    accepted = accepted_of(quote_id, offer, customer_id, change.at_us, receipts)
    is_wanted = await insert_accepted(change.connection, change, accepted, offer.figures)
    if is_wanted is None:
        # By somebody who holds no quotes, as the release before does.
        already = await accepted_quote(change.connection, quote_id)
        assert already is not None  # rows are never removed
        return already
    (refusal,) = await take(change, [offer.claim(customer_id)], held)
    if refusal is not None:
        raise refusal
    if is_wanted:
        whose = None if customer_id is None else UUID(customer_id)
        await change.publish("quote.accepted", accepted.quote_id, msgspec.Raw(accepted.document()), customer_id=whose)
    return accepted


def accepted_of(
    quote_id: UUID, offer: Offer, customer_id: str | None, at_us: int, receipts: ReceiptSigner
) -> AcceptedQuote:
    """What is written of a quote that is accepted now, with its receipt."""
    figures, kept = offer.figures, offer.kept
    return AcceptedQuote(
        quote_id=str(quote_id),
        customer_id=customer_id,
        data=offer.data,
        request=None if kept is None else kept.request,
        rulebook_version=None if kept is None else kept.rulebook_version,
        issued_at_us=figures.issued_at_us,
        valid_until_us=figures.valid_until_us,
        accepted_at_us=at_us,
        receipt=receipts.sign(str(quote_id), figures, offer.restored.signed, at_us),
    )


def _offer(restored: RestoredQuote, data: bytes, kept: KeptQuote | None, at_us: int) -> Offer | QuoteServiceError:
    figures = figures_of(restored.document, restored.exponent)
    if figures.valid_until_us <= at_us:
        return QuoteEnded(ENDED)
    return Offer(restored, figures, data, kept)


def _figures_only(restored: RestoredQuote, *, is_shown: bool = False) -> dict[str, object]:
    """What must agree; `is_shown` as far as a shopper sees it."""
    document: dict[str, object] = parse_exact(restored.data)
    if is_shown:
        document = shopper_document(document)
    return {name: value for name, value in document.items() if name not in _ECHOES}
