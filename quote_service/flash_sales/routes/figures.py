"""How a flash sale stands: once, or as it goes.

Source: spec 7.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath
from litestar.response import Stream

from quote_service.api.access import caller_of
from quote_service.api.described import Described
from quote_service.api.flash_sales import examples
from quote_service.api.flash_sales.purchases import FINDERS
from quote_service.api.runtime import Runtime, runtime_of
from quote_service.api.wire.documents import envelope, write_document
from quote_service.domain.access import READERS
from quote_service.domain.errors import NotFound, Unavailable
from quote_service.domain.flash_sales.figures import CustomerSummary, LiveFigures
from quote_service.flows.flash_sales.read_figures import read_figures, summarize_customer

_JSON = "application/json"
_EVENT_SECONDS = 1.0
# A client that still listens then connects anew, perhaps to another worker.
_EVENTS_MAX = 900
_EVENT = f"event: figures\ndata: {write_document(examples.FIGURES).decode()}\n\n"


@get(
    "/{sale_id:uuid}/figures",
    opt={
        "access": READERS,
        "described": Described(answer=LiveFigures, answer_example=examples.FIGURES, message="Figures"),
    },
)
async def show_flash_sale_figures(request: Request[Any, Any, Any], sale_id: FromPath[UUID]) -> Response[bytes]:
    """How a flash sale stands now."""
    figures = await read_figures(runtime_of(request).flash, sale_id)
    return Response(envelope(figures, "Figures"), media_type=_JSON)


@get(
    "/{sale_id:uuid}/figures/stream",
    opt={"access": READERS, "described": Described(form="events", answer_example=_EVENT)},
)
async def stream_flash_sale_figures(request: Request[Any, Any, Any], sale_id: FromPath[UUID]) -> Stream:
    """How a flash sale stands, each second, as server-sent events named `figures`.

    The data of each event is what `figures` answers as `data`.
    """
    runtime = runtime_of(request)
    first = await read_figures(runtime.flash, sale_id)
    return Stream(
        _events(runtime, sale_id, first),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


@get(
    "/{sale_id:uuid}/customers/{customer_id:uuid}/summary",
    opt={
        "access": FINDERS,
        "described": Described(answer=CustomerSummary, answer_example=examples.SUMMARY, message="Summary"),
    },
)
async def show_customer_summary(
    request: Request[Any, Any, Any], sale_id: FromPath[UUID], customer_id: FromPath[UUID]
) -> Response[bytes]:
    """What a customer bought in a flash sale, spent, and may still buy."""
    if not caller_of(request).may_see(str(customer_id)):
        raise NotFound("There is no such customer")
    summary = await summarize_customer(runtime_of(request).flash, sale_id, customer_id)
    return Response(envelope(summary, "Summary"), media_type=_JSON)


async def _events(runtime: Runtime, sale_id: UUID, first: LiveFigures) -> AsyncIterator[bytes]:
    figures: LiveFigures | None = first
    for _ in range(_EVENTS_MAX):
        # A comment while there is nothing to tell keeps the connection.
        yield b": away\n\n" if figures is None else b"event: figures\ndata: " + write_document(figures) + b"\n\n"
        if runtime.is_draining:
            return
        await asyncio.sleep(_EVENT_SECONDS)
        try:
            figures = await read_figures(runtime.flash, sale_id)
        except Unavailable:
            figures = None
