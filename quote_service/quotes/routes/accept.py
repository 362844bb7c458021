"""A checkout commits to a quote.

Source: spec 2, `POST /api/v1/quotes/{id}/accept`.
"""

from typing import Any, NamedTuple
from uuid import UUID

from litestar import Request, Response, post
from litestar.params import FromPath

from quote_service.api.access import caller_of, change_of
from quote_service.api.described import Described
from quote_service.api.idempotency import creating
from quote_service.api.quote_door import QUOTE_ACCESS
from quote_service.api.quotes_after.bodies import (
    AcceptedDocument,
    QuoteToAccept,
    parse_object,
    refuse_others,
)
from quote_service.api.quotes_after.customers import customer_of, require_sight
from quote_service.api.quotes_after.examples import ACCEPTED_EXAMPLE, QUOTE_EXAMPLE
from quote_service.api.runtime import runtime_of
from quote_service.api.wire.quote_document import QuoteDocument
from quote_service.domain.accepted_quote import AcceptedQuote
from quote_service.domain.access import Caller
from quote_service.domain.errors import (
    CouponExhausted,
    Invalid,
    Overloaded,
    QuoteDiffers,
    QuoteEnded,
    QuoteServiceError,
    QuoteUnknown,
    Unavailable,
)
from quote_service.domain.identifiers import canonical
from quote_service.domain.instants import instant_text
from quote_service.engine.answer.restore_quote import RestoredQuote
from quote_service.flows.accept_quote import Offer, accept_quote, find_offer, tell_exhausted_coupons
from quote_service.flows.sign_quote import QuoteSigner
from quote_service.flows.verify_quote import verify_quote
from quote_service.system.clock import now_us

_MESSAGE = "Quote accepted"


class _Brought(NamedTuple):
    quote: RestoredQuote | None
    customer_id: str | None


@post(
    "/{quote_id:uuid}/accept",
    status_code=200,
    opt={
        "access": QUOTE_ACCESS,
        "described": Described(
            body=QuoteToAccept | QuoteDocument,
            body_is_required=False,
            body_example={"data": QUOTE_EXAMPLE},
            answer=AcceptedDocument,
            answer_example=ACCEPTED_EXAMPLE,
            message=_MESSAGE,
            repeatable=True,
            problems=(QuoteUnknown, QuoteEnded, QuoteDiffers, CouponExhausted, Overloaded, Unavailable),
            tag="Quotes",
        ),
    },
)
async def accept_issued_quote(request: Request[Any, Any, Any], quote_id: FromPath[UUID]) -> Response[bytes]:
    """Accept a quote: commit to its price, and use its coupons up.

    Durable before it answers. A second accept, with or without a key, has the same answer and the same receipt. The body
    may bring the quote's data as issued: a signature that holds is then enough, even where the quote has been lost.
    """
    runtime, caller = runtime_of(request), caller_of(request)
    brought = _read(await request.body(), quote_id, runtime.signer)
    offer = await find_offer(runtime.quotes, quote_id, brought.quote, now_us(), runtime.settings.quote_ttl_seconds)
    customer_id = _customer(offer, brought, caller)
    try:
        async with runtime.accepts.enter(), creating(request) as creation:
            if creation.replay is not None:
                return creation.replay
            accepted = await accept_quote(
                creation.connection, change_of(request), quote_id, offer, customer_id, runtime.receipts
            )
            require_sight(caller, accepted.customer_id)
            return creation.answer(200, _answer(accepted))
    except CouponExhausted:
        if isinstance(offer, Offer):
            await tell_exhausted_coupons(runtime.database, offer.figures, customer_id)
        raise


def _read(body: bytes, quote_id: UUID, signer: QuoteSigner) -> _Brought:
    if not body:
        return _Brought(None, None)
    document = parse_object(body)
    prefix, data = "", None
    if "quote_id" in document:
        data, document = document, {}
    else:
        refuse_others(document, "data", "customer_id")
        prefix, data = "/data", document.get("data")
    quote = None
    if data is not None:
        verification, quote = verify_quote(signer, data)
        if not verification.valid:
            pointer = verification.pointer if verification.pointer is not None else "/signature"
            raise Invalid.at(prefix + pointer, verification.detail or "is no quote of ours")
        if quote is None or quote.quote_id != str(quote_id):
            raise Invalid.at(f"{prefix}/quote_id", "is not the quote of this path")
    return _Brought(quote, _read_customer(document.get("customer_id")))


def _read_customer(given: Any) -> str | None:
    if given is None:
        return None
    customer_id = canonical(given) if isinstance(given, str) else None
    if customer_id is None:
        raise Invalid.at("/customer_id", "is no UUID")
    return customer_id


def _customer(offer: Offer | QuoteServiceError, brought: _Brought, caller: Caller) -> str | None:
    """The customer: of the kept request, or whom the checkout names, or the shopper who asks."""
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


def _answer(accepted: AcceptedQuote) -> bytes:
    accepted_at = instant_text(accepted.accepted_at_us)
    return b'{"success":true,"message":"%b","data":%b,"accepted_at":"%b","receipt":"%b"}}' % (
        _MESSAGE.encode(),
        accepted.data[:-1],
        accepted_at.encode(),
        accepted.receipt.encode(),
    )
