"""Flash sales as those find them who buy: shoppers, and the API keys of checkouts.

Shoppers see what is on sale now. What has not begun is told to API keys and staff only: when to announce a price is for
the shop to say. What is over or called off is told by the purchases made in it.

Source: docs/spec/access.md#shoppers.
"""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import FromPath
from litestar.response import Stream

from quote_service.identity.streams.event_streams import while_admitted
from quote_service.platform.callers.access import Caller
from quote_service.platform.documents.documents import write_document
from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.http.cursors import Page, read_page
from quote_service.platform.http.endpoints.endpoint import get
from quote_service.platform.http.endpoints.results import Cursor
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Forbidden, NotFound
from quote_service.platform.system.instants import from_micros
from quote_service.selling.flash_sales.model.open_sale import OpenSale, OpenState
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import FlashSaleRuntime
from quote_service.selling.flash_sales.operations.sales.open_sale_news import OpenSaleNews
from quote_service.selling.flash_sales.operations.sales.open_sales import list_open_sales, read_open_sale
from quote_service.selling.flash_sales.routes import examples
from quote_service.selling.flash_sales.routes.purchases import FINDERS

_SALES = "open-flash-sales"
# A client that still listens then connects again, perhaps to another worker.
_STREAM_SECONDS = 900.0
_RETRY_MS = 2000
_EVENT = (
    "event: sales\ndata: "
    + write_document({"at": "2026-03-01T09:30:00Z", "sales": [examples.OPEN_SALE]}).decode()
    + "\n\n"
)


class OpenSaleFilters(msgspec.Struct, frozen=True):
    """Which open sales to list, and for whom."""

    state: Annotated[OpenState, Renamed("status")] = "active"
    """Only sales in this state: `active`, or `scheduled` (API keys and staff only)."""
    product_id: UUID | None = None
    """Only sales of this product."""
    customer_id: UUID | None = None
    """Customer to return `left_to_buy` for; shoppers may leave it out."""


class CustomerFilter(msgspec.Struct, frozen=True):
    """For whom a sale is shown."""

    customer_id: UUID | None = None
    """Customer to return `left_to_buy` for; shoppers may leave it out."""


@get(access=FINDERS, cursor=Cursor("open-flash-sales", ("id",)), tag="Flash sales")
async def list_open_flash_sales(
    caller: Caller, runtime: FlashSaleRuntime, page: Page[OpenSaleFilters, tuple[UUID]]
) -> list[OpenSale]:
    """List open flash sales.

    Newest first, with remaining stock and what the customer may still buy. Stock in the list is as recorded, a moment late;
    get one sale for stock to the unit.
    """
    filters = page.filters
    if filters.state not in _visible_to(caller):
        raise Forbidden("Only API keys and staff can list scheduled flash sales")
    return await list_open_sales(
        runtime,
        filters.state,
        customer_id=_customer_of(caller, filters.customer_id),
        product_id=filters.product_id,
        before=page.after_id,
        limit=page.limit + 1,
    )


@get("/stream", access=FINDERS, example=_EVENT, form="events", tag="Flash sales")
async def stream_open_flash_sales(
    request: AnyRequest, open_sale_news: OpenSaleNews, runtime: FlashSaleRuntime
) -> Stream:
    """Stream open flash sales.

    Server-sent events named `sales`, with the 20 newest active sales and their remaining stock as recorded: the first at once, another
    within about a second of each change. The stream ends after 15 minutes, and when the credentials it was opened with
    expire or are revoked; connect again then.
    """
    await open_sale_news.read(runtime)
    return Stream(
        while_admitted(request, _events(open_sale_news)),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


@get("/{sale_id:uuid}", access=FINDERS, message="Flash sale", query=CustomerFilter, tag="Flash sales")
async def show_open_flash_sale(
    request: AnyRequest, caller: Caller, runtime: FlashSaleRuntime, sale_id: FromPath[UUID]
) -> OpenSale:
    """Get an open flash sale.

    With the stock that remains now and what the customer may still buy.
    """
    filters = read_page(request.scope["query_string"], _SALES, CustomerFilter, tuple[UUID]).filters
    customer_id = _customer_of(caller, filters.customer_id)
    return await read_open_sale(runtime, sale_id, _visible_to(caller), customer_id)


async def _events(news: OpenSaleNews) -> AsyncGenerator[bytes, None]:
    clock = asyncio.get_running_loop().time
    ends_at = clock() + _STREAM_SECONDS
    with news.listeners.listening():
        turn, reported = news.listeners.turn, news.sales
        yield f"retry: {_RETRY_MS}\n".encode() + _event(reported)
        while clock() < ends_at:
            await news.listeners.wait(turn)
            turn, sales = news.listeners.turn, news.sales
            yield b": \n\n" if sales == reported else _event(sales)
            reported = sales


def _event(sales: list[OpenSale]) -> bytes:
    data = write_document({"at": from_micros(now_us()), "sales": sales})
    return b"event: sales\ndata: " + data + b"\n\n"


def _visible_to(caller: Caller) -> tuple[OpenState, ...]:
    return ("active",) if caller.is_customer else ("active", "scheduled")


def _customer_of(caller: Caller, named: UUID | None) -> UUID | None:
    if named is not None and not caller.may_see(str(named)):
        raise NotFound("There is no such customer")
    return UUID(caller.id) if caller.is_customer else named
