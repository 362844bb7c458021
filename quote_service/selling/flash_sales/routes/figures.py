"""How a flash sale stands: once, or as it goes.

Source: docs/spec/flash-sales.md#live-figures.
"""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath
from litestar.response import Stream

from quote_service.identity.streams.event_streams import while_admitted
from quote_service.platform.callers.access import SALE_READERS
from quote_service.platform.documents.documents import write_document
from quote_service.platform.http.answers import one_answer
from quote_service.platform.http.callers import caller_of
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.system.errors import NotFound, Unavailable
from quote_service.platform.system.parts import Parts
from quote_service.selling.flash_sales.model.figures import CustomerSummary, LiveFigures
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import FlashSaleRuntime
from quote_service.selling.flash_sales.operations.sales.read_figures import read_figures, summarize_customer
from quote_service.selling.flash_sales.routes import examples
from quote_service.selling.flash_sales.routes.purchases import FINDERS

_EVENT_SECONDS = 1.0
# A client that still listens then connects anew, perhaps to another worker.
_EVENTS_MAX = 900
_EVENT = f"event: figures\ndata: {write_document(examples.FIGURES).decode()}\n\n"


@get(
    "/{sale_id:uuid}/figures",
    opt={
        "access": SALE_READERS,
        "described": Described(answer=LiveFigures, answer_example=examples.FIGURES, message="Figures"),
    },
)
async def show_flash_sale_figures(request: Request[Any, Any, Any], sale_id: FromPath[UUID]) -> Response[bytes]:
    """Get live figures of a flash sale."""
    figures = await read_figures(parts_of(request)[FlashSaleRuntime], sale_id)
    return one_answer(figures, "Figures")


@get(
    "/{sale_id:uuid}/figures/stream",
    opt={"access": SALE_READERS, "described": Described(form="events", answer_example=_EVENT)},
)
async def stream_flash_sale_figures(request: Request[Any, Any, Any], sale_id: FromPath[UUID]) -> Stream:
    """Stream live figures of a flash sale.

    Server-sent events named `figures`, one each second, with the `data` of the live figures. The stream ends when the
    credentials it was opened with expire or are revoked.
    """
    parts = parts_of(request)
    first = await read_figures(parts[FlashSaleRuntime], sale_id)
    return Stream(
        while_admitted(request, _events(parts, sale_id, first)),
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
    """Get a customer's purchases in a flash sale.

    What the customer has bought and spent, and how many units the customer may still buy.
    """
    if not caller_of(request).may_see(str(customer_id)):
        raise NotFound("There is no such customer")
    summary = await summarize_customer(parts_of(request)[FlashSaleRuntime], sale_id, customer_id)
    return one_answer(summary, "Summary")


async def _events(parts: Parts, sale_id: UUID, first: LiveFigures) -> AsyncGenerator[bytes, None]:
    figures: LiveFigures | None = first
    for _ in range(_EVENTS_MAX):
        # A comment while there is nothing to tell keeps the connection.
        yield b": away\n\n" if figures is None else b"event: figures\ndata: " + write_document(figures) + b"\n\n"
        await asyncio.sleep(_EVENT_SECONDS)
        try:
            figures = await read_figures(parts[FlashSaleRuntime], sale_id)
        except Unavailable:
            figures = None
