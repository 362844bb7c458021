"""Quotes over HTTP: the route that issues them, described and answered as any other, and those that look one up.

On uvicorn the protocol answers `POST /api/v1/quote` before it comes here (`hot_path.py`); both go through the same door,
so both give the same bytes.

Source: spec 2.
"""

import asyncio
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from quote_service.api.access import caller_of, request_id_of
from quote_service.api.described import Described
from quote_service.api.quote_door import QUOTE_ACCESS, AwaitedErrand
from quote_service.api.quote_examples import ANSWER_EXAMPLE, BASKET_EXAMPLE
from quote_service.api.request_heads import RequestHead
from quote_service.api.runtime import runtime_of
from quote_service.api.wire.documents import envelope
from quote_service.api.wire.quote_document import QuoteAnswer, QuoteDocument
from quote_service.domain.access import granted
from quote_service.domain.basket import Basket
from quote_service.domain.errors import (
    Malformed,
    Overloaded,
    QuoteExpired,
    QuoteUnknown,
    TimedOut,
    TooMany,
    Unavailable,
)
from quote_service.flows.read_quote import read_quote
from quote_service.system.clock import now_us

READ_ACCESS = granted("pricing_manager", "analyst", "user", scopes=("quote:read", "quote:write"))


@post(
    "/quote",
    status_code=200,
    opt={
        "access": QUOTE_ACCESS,
        "counts_itself": True,  # at the door
        "passes_over": True,  # what it does not know: checkouts send more than is read
        "described": Described(
            body=Basket,
            body_example=BASKET_EXAMPLE,
            answer=QuoteAnswer,
            answer_example=ANSWER_EXAMPLE,
            form="document",
            problems=(Malformed, TooMany, Overloaded, TimedOut),
            tag="Quotes",
        ),
    },
)
async def issue_quote(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Quote a basket: a binding price, valid for 15 minutes.

    The same basket within that time gets the same quote. `Cache-Control: no-cache` asks for a new one.
    """
    started_at = asyncio.get_running_loop().time()
    errand = AwaitedErrand(RequestHead(list(request.scope["headers"])), await request.body(), started_at)
    runtime_of(request).door.answer(errand)
    answer = await errand.answer()
    if errand.note is not None or answer.status != 200 or errand.seconds > errand.door.slow_seconds:
        errand.door.tell(errand, request_id_of(request), answer.status)
    request.scope["state"]["is_told"] = True
    return Response(answer.body, status_code=answer.status, headers=answer.headers, media_type=answer.media_type)


@get(
    "/quotes/{quote_id:uuid}",
    opt={
        "access": READ_ACCESS,
        "described": Described(
            answer=QuoteDocument,
            answer_example=ANSWER_EXAMPLE["data"],
            message="Quote found",
            problems=(QuoteUnknown, QuoteExpired, Unavailable),
            tag="Quotes",
        ),
    },
)
async def read_issued_quote(request: Request[Any, Any, Any], quote_id: FromPath[UUID]) -> Response[bytes]:
    """Read a quote as it was issued.

    From any worker, byte for byte, until it expires.
    """
    runtime = runtime_of(request)
    kept = await read_quote(runtime.quotes, quote_id, now_us(), runtime.settings.quote_ttl_seconds)
    if not caller_of(request).may_see(_customer(kept.request)):
        raise QuoteUnknown("No quote has this id")
    return Response(envelope(msgspec.Raw(kept.data), "Quote found"), media_type="application/json")


class _Customer(msgspec.Struct):
    customer_id: str


def _customer(request_body: bytes) -> str:
    return msgspec.json.decode(request_body, type=_Customer).customer_id.lower()


quotes = Router("/api/v1", route_handlers=[issue_quote, read_issued_quote])
