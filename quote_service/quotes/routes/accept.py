"""A checkout commits to a quote.

Source: docs/spec/quotes.md#accept-a-quote.
"""

from uuid import UUID

import msgspec
from litestar.params import FromPath

from quote_service.platform.callers.access import Caller, granted
from quote_service.platform.http.endpoints.connections import CreatingChange
from quote_service.platform.http.endpoints.endpoint import post
from quote_service.platform.http.endpoints.parameters import RawBody
from quote_service.platform.http.endpoints.results import Answer
from quote_service.platform.http.openapi.openapi_problems import OF_LIMITED_WORK
from quote_service.platform.system.errors import QuoteServiceError
from quote_service.pricing.quote_answer import QuoteDocument
from quote_service.quotes.model.errors import QuoteDiffers, QuoteEnded, QuoteUnknown, QuoteUnreadable
from quote_service.quotes.operations.accept_quote import Offer, accept_quote
from quote_service.quotes.operations.sign_quote import QuoteSigner
from quote_service.quotes.operations.sign_receipt import ReceiptSigner
from quote_service.quotes.operations.write_answer import shopper_data
from quote_service.quotes.routes.bodies import AcceptedDocument, QuoteToAccept
from quote_service.quotes.routes.customers import require_sight
from quote_service.quotes.routes.examples import ACCEPTED_EXAMPLE, QUOTE_EXAMPLE
from quote_service.quotes.routes.offered import OFFERED, taking
from quote_service.quotes.routes.reading.brought_quote import Brought, read_brought
from quote_service.shop.reservations.model.refusals import BudgetExhausted, CouponExhausted, OutOfStock

# Analysts and pricing managers read quotes; to commit to one is for checkouts, and for the shopper whose quote it is.
ACCEPT_ACCESS = granted("user", scopes=("quote:write",))


def _brought(data: RawBody, quote_id: FromPath[UUID], signer: QuoteSigner) -> Brought:
    return read_brought(data, quote_id, signer)


@post(
    "/{quote_id:uuid}/accept",
    status_code=200,
    access=ACCEPT_ACCESS,
    body=QuoteToAccept | QuoteDocument,
    body_is_required=False,
    body_example={"data": QUOTE_EXAMPLE},
    answer=AcceptedDocument,
    example=ACCEPTED_EXAMPLE,
    message="Quote accepted",
    dependencies={"brought": _brought, **OFFERED},
    within=taking,
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
async def accept_issued_quote(
    change: CreatingChange,
    caller: Caller,
    signer: QuoteSigner,
    receipts: ReceiptSigner,
    quote_id: FromPath[UUID],
    offer: Offer | QuoteServiceError,
    customer_id: str | None,
) -> Answer[msgspec.Raw]:
    """Accept a quote.

    The acceptance is stored before the response is sent. Accepting again, with or without a key, returns the same response
    and receipt. The body may contain the quote's data as issued: a valid signature is then enough, even if the quote has
    been lost.
    """
    accepted = await accept_quote(change, quote_id, offer, customer_id, receipts)
    require_sight(caller, accepted.customer_id)
    data = shopper_data(accepted.data, signer) if caller.is_customer else accepted.data
    whose = None if accepted.customer_id is None else UUID(accepted.customer_id)
    return Answer(msgspec.Raw(accepted.document(data)), customer_id=whose)
