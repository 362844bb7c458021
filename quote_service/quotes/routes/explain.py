"""Why a quote is what it is.

Source: spec 2, `GET /api/v1/quotes/{id}/explain`.
"""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from quote_service.api.access import caller_of
from quote_service.api.described import Described
from quote_service.api.quotes import READ_ACCESS
from quote_service.api.quotes_after.bodies import JSON, ExplainedDocument
from quote_service.api.quotes_after.customers import customer_of, require_sight
from quote_service.api.quotes_after.examples import EXPLANATION_EXAMPLE
from quote_service.api.runtime import runtime_of
from quote_service.api.wire.decode_basket import decode_basket
from quote_service.api.wire.documents import envelope
from quote_service.domain.accepted_quote import AcceptedQuote
from quote_service.domain.errors import Overloaded, QuoteExpired, QuoteUnknown, Unavailable
from quote_service.flows.explain_quote import explain_quote, find_explainable
from quote_service.system.clock import now_us

_MESSAGE = "Quote explained"


@get(
    "/{quote_id:uuid}/explain",
    opt={
        "access": READ_ACCESS,
        "described": Described(
            answer=ExplainedDocument,
            answer_example=EXPLANATION_EXAMPLE,
            message=_MESSAGE,
            problems=(QuoteUnknown, QuoteExpired, Overloaded, Unavailable),
            tag="Quotes",
        ),
    },
)
async def explain_issued_quote(request: Request[Any, Any, Any], quote_id: FromPath[UUID]) -> Response[bytes]:
    """Explain a quote: its calculations, and every rule and rate considered with why it won or lost.

    It is priced again by the rulebook version of its time. An accepted quote can be explained for good; others until they
    expire. Coupons are considered where their code was sent.
    """
    runtime = runtime_of(request)
    quote = await find_explainable(
        runtime.quotes, runtime.database, quote_id, now_us(), runtime.settings.quote_ttl_seconds
    )
    owner = quote.customer_id if isinstance(quote, AcceptedQuote) else customer_of(quote.request)
    require_sight(caller_of(request), owner)
    async with runtime.asides.enter():
        explanation = await explain_quote(runtime.database, quote, decode_basket)
    return Response(envelope(explanation, _MESSAGE), media_type=JSON)
