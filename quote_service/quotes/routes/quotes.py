"""Quotes over HTTP: the route that issues them, described and answered as any other, and those that look one up.

On uvicorn the protocol answers `POST /api/v1/quote` before it comes here (`hot_path.py`); both go through the same endpoint,
so both give the same bytes.

Source: docs/spec/quotes.md.
"""

import asyncio
from uuid import UUID

import msgspec
from litestar import Response, Router
from litestar.params import FromPath

from quote_service.platform.callers.access import Caller, granted
from quote_service.platform.http.callers import request_id_of
from quote_service.platform.http.endpoints.endpoint import get, post
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.http.protocol.request_heads import RequestHead
from quote_service.platform.settings import Settings
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Malformed, Overloaded, TimedOut, TooMany, Unavailable
from quote_service.pricing.basket import Basket
from quote_service.pricing.quote_answer import QuoteDocument
from quote_service.quotes.model.errors import QuoteExpired, QuoteUnknown
from quote_service.quotes.model.kept_bytes import customer_of
from quote_service.quotes.operations.quote_cache import QuoteCache
from quote_service.quotes.operations.quote_request import AwaitedAsker
from quote_service.quotes.operations.read_quote import read_quote
from quote_service.quotes.operations.sign_quote import QuoteSigner
from quote_service.quotes.operations.write_answer import shopper_data
from quote_service.quotes.routes.bodies import QuoteAnswer
from quote_service.quotes.routes.customers import require_sight
from quote_service.quotes.routes.quote_endpoint import QUOTE_ACCESS, QuoteEndpoint
from quote_service.quotes.routes.quote_examples import ANSWER_EXAMPLE, BASKET_EXAMPLE

READ_ACCESS = granted("pricing_manager", "analyst", "user", scopes=("quote:read", "quote:write"))


@post(
    "/quote",
    status_code=200,
    access=QUOTE_ACCESS,
    counts_itself=True,
    passes_over=True,
    body=Basket,
    body_example=BASKET_EXAMPLE,
    answer=QuoteAnswer,
    example=ANSWER_EXAMPLE,
    form="document",
    problems=(Malformed, TooMany, Overloaded, TimedOut),
    tag="Quotes",
)
async def issue_quote(request: AnyRequest, endpoint: QuoteEndpoint, settings: Settings) -> Response[bytes]:
    """Quote a basket.

    Returns a binding price, valid for 15 minutes. The same basket gets the same quote within that time;
    `Cache-Control: no-cache` asks for a new one. Unknown fields are ignored; with `Prefer: handling=strict` they are
    refused.
    """
    loop = asyncio.get_running_loop()
    started_at = loop.time()
    try:
        async with asyncio.timeout(settings.timeout_ms / 1000):
            body = await request.body()
    except TimeoutError:
        raise TimedOut("The request was not received in time") from None
    head, asker = RequestHead(list(request.scope["headers"])), AwaitedAsker(loop.create_future())
    asked = endpoint.ask(asker, head, body, started_at)
    await asker.future
    answer = endpoint.answer(asked, head)
    endpoint.record(asked, head, request_id_of(request), answer.status)
    request.scope["state"]["is_reported"] = True
    return Response(answer.body, status_code=answer.status, headers=answer.headers, media_type=answer.media_type)


@get(
    "/quotes/{quote_id:uuid}",
    access=READ_ACCESS,
    answer=QuoteDocument,
    example=ANSWER_EXAMPLE["data"],
    message="Quote found",
    problems=(QuoteUnknown, QuoteExpired, Unavailable),
    tag="Quotes",
)
async def read_issued_quote(
    cache: QuoteCache, settings: Settings, signer: QuoteSigner, caller: Caller, quote_id: FromPath[UUID]
) -> msgspec.Raw:
    """Get a quote.

    Returns the quote exactly as it was issued, until it expires.
    """
    kept = await read_quote(cache, quote_id, now_us(), settings.quote_ttl_seconds)
    require_sight(caller, customer_of(kept.request))
    return msgspec.Raw(shopper_data(kept.data, signer) if caller.is_customer else kept.data)


quotes = Router("/api/v1", route_handlers=[issue_quote, read_issued_quote])
