"""A checkout commits to a quote.

Source: docs/spec/quotes.md#accept-a-quote.
"""

from typing import Any, NamedTuple
from uuid import UUID

from litestar import Request, Response, post
from litestar.params import FromPath

from quote_service.access.words.access import Caller, granted
from quote_service.http.callers import caller_of, change_of
from quote_service.http.idempotency.idempotency import creating
from quote_service.http.openapi.described import Described
from quote_service.http.openapi.openapi_problems import OF_LIMITED_WORK
from quote_service.http.parts import parts_of
from quote_service.postgres.outbox import EventInterest
from quote_service.postgres.pool import Database
from quote_service.pricing.quote_answer import QuoteDocument
from quote_service.quotes.answer.restore_quote import RestoredQuote
from quote_service.quotes.operations.accept_quote import Offer, accept_quote, find_offer
from quote_service.quotes.operations.issued_bytes import shopper_data
from quote_service.quotes.operations.quote_cache import QuoteCache
from quote_service.quotes.operations.sign_quote import QuoteSigner
from quote_service.quotes.operations.sign_receipt import ReceiptSigner
from quote_service.quotes.operations.verify_quote import verify_quote
from quote_service.quotes.routes.bodies import AcceptedDocument, QuoteToAccept, parse_object, refuse_others
from quote_service.quotes.routes.customers import require_sight
from quote_service.quotes.routes.examples import ACCEPTED_EXAMPLE, QUOTE_EXAMPLE
from quote_service.quotes.words.accepted_quote import AcceptedQuote
from quote_service.quotes.words.kept_request import customer_of
from quote_service.reservations.operations.tell_refused import tell_refused
from quote_service.reservations.words.refusals import BudgetExhausted, OutOfStock
from quote_service.settings import Settings
from quote_service.system.clock import now_us
from quote_service.system.concurrency_limiter import AcceptLimiter
from quote_service.system.errors import (
    CouponExhausted,
    Invalid,
    QuoteDiffers,
    QuoteEnded,
    QuoteServiceError,
    QuoteUnknown,
)
from quote_service.system.identifiers import canonical

# Analysts and pricing managers read quotes; to commit to one is for checkouts, and for the shopper whose quote it is.
ACCEPT_ACCESS = granted("user", scopes=("quote:write",))
_MESSAGE = "Quote accepted"


class _Brought(NamedTuple):
    quote: RestoredQuote | None
    customer_id: str | None


@post(
    "/{quote_id:uuid}/accept",
    status_code=200,
    opt={
        "access": ACCEPT_ACCESS,
        "described": Described(
            body=QuoteToAccept | QuoteDocument,
            body_is_required=False,
            body_example={"data": QUOTE_EXAMPLE},
            answer=AcceptedDocument,
            answer_example=ACCEPTED_EXAMPLE,
            message=_MESSAGE,
            repeatable=True,
            problems=(
                QuoteUnknown,
                QuoteEnded,
                QuoteDiffers,
                OutOfStock,
                CouponExhausted,
                BudgetExhausted,
                *OF_LIMITED_WORK,
            ),
            tag="Quotes",
        ),
    },
)
async def accept_issued_quote(request: Request[Any, Any, Any], quote_id: FromPath[UUID]) -> Response[bytes]:
    """Accept a quote.

    The acceptance is stored before the response is sent. Accepting again, with or without a key, returns the same response
    and receipt. The body may contain the quote's data as issued: a valid signature is then enough, even if the quote has
    been lost.
    """
    parts, caller = parts_of(request), caller_of(request)
    brought = _read(await request.body(), quote_id, parts[QuoteSigner])
    offer = await find_offer(parts[QuoteCache], quote_id, brought.quote, now_us(), parts[Settings].quote_ttl_seconds)
    customer_id = _customer(offer, brought, caller)
    try:
        async with parts[AcceptLimiter].enter(), creating(request) as creation:
            if creation.replay is not None:
                return creation.replay
            accepted = await accept_quote(
                creation.connection,
                change_of(request),
                quote_id,
                offer,
                customer_id,
                parts[ReceiptSigner],
                parts[EventInterest],
            )
            require_sight(caller, accepted.customer_id)
            data = shopper_data(accepted.data, parts[QuoteSigner]) if caller.is_customer else accepted.data
            whose = None if accepted.customer_id is None else UUID(accepted.customer_id)
            return creation.answer(200, _answer(accepted, data), customer_id=whose)
    except (CouponExhausted, BudgetExhausted):
        if isinstance(offer, Offer):
            await tell_refused(parts[Database], offer.claim(customer_id))
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
            raise Invalid.at(f"{prefix}/quote_id", "does not match the quote id in the path")
    return _Brought(quote, _read_customer(document.get("customer_id")))


def _read_customer(given: Any) -> str | None:
    if given is None:
        return None
    customer_id = canonical(given) if isinstance(given, str) else None
    if customer_id is None:
        raise Invalid.at("/customer_id", "is not a UUID")
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


def _answer(accepted: AcceptedQuote, data: bytes) -> bytes:
    return b'{"success":true,"message":"%b","data":%b}' % (_MESSAGE.encode(), accepted.document(data))
