"""The quote that a checkout brings along when it accepts or reserves, and whose quote that is.

Source: docs/spec/quotes.md#accept-a-quote.
"""

from typing import Any, NamedTuple
from uuid import UUID

from quote_service.platform.callers.access import Caller
from quote_service.platform.system.errors import Invalid, QuoteServiceError
from quote_service.platform.system.identifiers import canonical
from quote_service.quotes.answer.restore_quote import RestoredQuote
from quote_service.quotes.model.kept_bytes import customer_of
from quote_service.quotes.operations.accept_quote import Offer
from quote_service.quotes.operations.sign_quote import QuoteSigner
from quote_service.quotes.operations.verify_quote import verify_quote
from quote_service.quotes.routes.bodies import parse_object, refuse_others
from quote_service.quotes.routes.customers import require_sight


class Brought(NamedTuple):
    """What came along: a quote under a signature that holds, whose it is said to be, and members of the route's own."""

    quote: RestoredQuote | None
    customer_id: str | None
    others: dict[str, Any]


def read_brought(body: bytes, quote_id: UUID, signer: QuoteSigner, *others: str) -> Brought:
    """Read a body: nothing, a quote by itself, or one under `data` beside other members.

    Raises:
        Malformed, Invalid: It is none of these, or was not issued by this service, or not the one of the path.
    """
    if not body:
        return Brought(None, None, {})
    document = parse_object(body)
    prefix, data = "", None
    if "quote_id" in document:
        data, document = document, {}
    else:
        refuse_others(document, "data", "customer_id", *others)
        prefix, data = "/data", document.get("data")
    quote = None
    if data is not None:
        verification, quote = verify_quote(signer, data)
        if not verification.valid:
            pointer = verification.pointer if verification.pointer is not None else "/signature"
            raise Invalid.at(prefix + pointer, verification.detail or "was not issued by this service")
        if quote is None or quote.quote_id != str(quote_id):
            raise Invalid.at(f"{prefix}/quote_id", "does not match the quote id in the path")
    given = {name: document[name] for name in others if name in document}
    return Brought(quote, _read_customer(document.get("customer_id")), given)


def customer_of_offer(offer: Offer | QuoteServiceError, brought: Brought, caller: Caller) -> str | None:
    """The customer: of the kept request, or whom the checkout names, or the shopper who asks.

    Raises:
        QuoteUnknown: It is another shopper's.
        Invalid: The checkout names another than the quote is for.
    """
    if isinstance(offer, Offer) and offer.kept is not None:
        customer_id = customer_of(offer.kept.request)
        require_sight(caller, customer_id)
        if brought.customer_id not in (None, customer_id):
            raise Invalid.at("/customer_id", "is not the customer of this quote")
        return customer_id
    if caller.is_customer:
        if brought.customer_id is not None:
            require_sight(caller, brought.customer_id)
        return caller.id
    return brought.customer_id


def _read_customer(given: Any) -> str | None:
    if given is None:
        return None
    customer_id = canonical(given) if isinstance(given, str) else None
    if customer_id is None:
        raise Invalid.at("/customer_id", "must be a UUID")
    return customer_id
