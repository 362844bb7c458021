"""How a flash sale stands: once, or as it goes.

Source: docs/spec/flash-sales.md#live-figures.
"""

import asyncio
from collections.abc import AsyncGenerator
from uuid import UUID

from litestar.params import FromPath
from litestar.response import Stream

from quote_service.identity.streams.event_streams import while_admitted
from quote_service.platform.callers.access import SALE_READERS, Caller
from quote_service.platform.documents.documents import write_document
from quote_service.platform.http.endpoints.endpoint import get
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.system.errors import NotFound, Unavailable
from quote_service.platform.system.parts import Parts
from quote_service.selling.flash_sales.model.figures import CustomerSummary, LiveFigures
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import FlashSaleRuntime
from quote_service.selling.flash_sales.operations.sales.read_figures import read_figures, summarize_customer
from quote_service.selling.flash_sales.routes import examples
from quote_service.selling.flash_sales.routes.purchases import FINDERS

_EVENT_SECONDS = 1.0
# A client that still listens then connects again, perhaps to another worker.
_EVENTS_MAX = 900
_EVENT = f"event: figures\ndata: {write_document(examples.FIGURES).decode()}\n\n"


@get("/{sale_id:uuid}/figures", access=SALE_READERS, message="Figures")
async def show_flash_sale_figures(runtime: FlashSaleRuntime, sale_id: FromPath[UUID]) -> LiveFigures:
    """Get live figures of a flash sale."""
    return await read_figures(runtime, sale_id)


@get("/{sale_id:uuid}/figures/stream", access=SALE_READERS, example=_EVENT, form="events")
async def stream_flash_sale_figures(
    request: AnyRequest, runtime: FlashSaleRuntime, parts: Parts, sale_id: FromPath[UUID]
) -> Stream:
    """Stream live figures of a flash sale.

    Server-sent events named `figures`, one each second, with the `data` of the live figures. The stream ends when the
    credentials it was opened with expire or are revoked.
    """
    first = await read_figures(runtime, sale_id)
    return Stream(
        while_admitted(request, _events(parts, sale_id, first)),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


@get("/{sale_id:uuid}/customers/{customer_id:uuid}/summary", access=FINDERS, message="Summary")
async def show_customer_summary(
    caller: Caller, runtime: FlashSaleRuntime, sale_id: FromPath[UUID], customer_id: FromPath[UUID]
) -> CustomerSummary:
    """Get a customer's purchases in a flash sale.

    What the customer has bought and spent, and how many units the customer may still buy.
    """
    if not caller.may_see(str(customer_id)):
        raise NotFound("There is no such customer")
    return await summarize_customer(runtime, sale_id, customer_id)


async def _events(parts: Parts, sale_id: UUID, first: LiveFigures) -> AsyncGenerator[bytes, None]:
    figures: LiveFigures | None = first
    for _ in range(_EVENTS_MAX):
        # A comment while there is nothing to report keeps the connection.
        yield b": away\n\n" if figures is None else b"event: figures\ndata: " + write_document(figures) + b"\n\n"
        await asyncio.sleep(_EVENT_SECONDS)
        try:
            figures = await read_figures(parts[FlashSaleRuntime], sale_id)
        except Unavailable:
            figures = None
