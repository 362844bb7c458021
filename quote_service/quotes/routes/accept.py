"""A checkout commits to a quote.

Source: docs/spec/quotes.md#accept-a-quote.
"""

from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from quote_service.platform.callers.access import granted
from quote_service.platform.http.callers import caller_of, change_of
from quote_service.platform.http.endpoints.endpoint import post
from quote_service.platform.http.endpoints.parameters import AnyRequest
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.openapi.openapi_problems import OF_LIMITED_WORK
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.concurrency_limiter import AcceptLimiter
from quote_service.pricing.quote_answer import QuoteDocument
from quote_service.quotes.model.accepted_quote import AcceptedQuote
from quote_service.quotes.model.errors import QuoteDiffers, QuoteEnded, QuoteUnknown, QuoteUnreadable
from quote_service.quotes.operations.accept_quote import Offer, accept_quote, find_offer
from quote_service.quotes.operations.quote_cache import QuoteCache
from quote_service.quotes.operations.sign_quote import QuoteSigner
from quote_service.quotes.operations.sign_receipt import ReceiptSigner
from quote_service.quotes.operations.write_answer import shopper_data
from quote_service.quotes.routes.bodies import AcceptedDocument, QuoteToAccept
from quote_service.quotes.routes.customers import require_sight
from quote_service.quotes.routes.examples import ACCEPTED_EXAMPLE, QUOTE_EXAMPLE
from quote_service.quotes.routes.reading.brought_quote import customer_of_offer, read_brought
from quote_service.shop.reservations.model.refusals import BudgetExhausted, CouponExhausted, OutOfStock
from quote_service.shop.reservations.operations.record_refused import record_refused
from quote_service.shop.reservations.operations.reservation_meters import REFUSALS, ReservationMeters

# Analysts and pricing managers read quotes; to commit to one is for checkouts, and for the shopper whose quote it is.
ACCEPT_ACCESS = granted("user", scopes=("quote:write",))
_MESSAGE = "Quote accepted"


@post(
    "/{quote_id:uuid}/accept",
    status_code=200,
    access=ACCEPT_ACCESS,
    body=QuoteToAccept | QuoteDocument,
    body_is_required=False,
    body_example={"data": QUOTE_EXAMPLE},
    answer=AcceptedDocument,
    example=ACCEPTED_EXAMPLE,
    message=_MESSAGE,
    repeatable=True,
    problems=(
        QuoteUnknown,
        QuoteEnded,
        QuoteDiffers,
        QuoteUnreadable,
        OutOfStock,
        CouponExhausted,
        BudgetExhausted,
        *OF_LIMITED_WORK,
    ),
    tag="Quotes",
)
async def accept_issued_quote(request: AnyRequest, quote_id: FromPath[UUID]) -> Response[bytes]:
    """Accept a quote.

    The acceptance is stored before the response is sent. Accepting again, with or without a key, returns the same response
    and receipt. The body may contain the quote's data as issued: a valid signature is then enough, even if the quote has
    been lost.
    """
    parts, caller = parts_of(request), caller_of(request)
    brought = read_brought(await request.body(), quote_id, parts[QuoteSigner])
    offer = await find_offer(parts[QuoteCache], quote_id, brought.quote, now_us(), parts[Settings].quote_ttl_seconds)
    customer_id = customer_of_offer(offer, brought, caller)
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
            )
            require_sight(caller, accepted.customer_id)
            data = shopper_data(accepted.data, parts[QuoteSigner]) if caller.is_customer else accepted.data
            whose = None if accepted.customer_id is None else UUID(accepted.customer_id)
            return creation.answer(200, _answer(accepted, data), customer_id=whose)
    except REFUSALS as refusal:
        parts[ReservationMeters].refused(refusal)
        if isinstance(offer, Offer) and isinstance(refusal, (CouponExhausted, BudgetExhausted)):
            await record_refused(parts[Database], offer.claim(customer_id))
        raise


def _answer(accepted: AcceptedQuote, data: bytes) -> bytes:
    return b'{"success":true,"message":"%b","data":%b}' % (_MESSAGE.encode(), accepted.document(data))
