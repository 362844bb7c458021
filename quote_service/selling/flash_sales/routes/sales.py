"""Flash sales as admins announce and change them.

Source: docs/spec/flash-sales.md#sales; docs/spec/wire.md#concurrent-changes-and-repeats.
"""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.params import FromPath

from quote_service.platform.callers.access import PRICE_BOUNDS_READERS, SALE_READERS, SALE_WRITERS
from quote_service.platform.documents.documents import envelope, read_document
from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.http.answers import one_answer, page_answer
from quote_service.platform.http.callers import caller_of, change_of
from quote_service.platform.http.cursors import read_page
from quote_service.platform.http.etags import etag_header, precondition_of
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.openapi.described import VERSIONED, Described, created
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.errors import Invalid, SaleOverlaps
from quote_service.selling.flash_sales.model.errors import SaleStateForbids, StockBelowSold
from quote_service.selling.flash_sales.model.sale import (
    SaleDraft,
    SaleRecord,
    SaleState,
    SaleWarning,
    WrittenSale,
    sale_faults,
    written_sale,
)
from quote_service.selling.flash_sales.operations.runtime.flash_sale_runtime import FlashSaleRuntime
from quote_service.selling.flash_sales.operations.sales.create_sale import create_sale
from quote_service.selling.flash_sales.operations.sales.move_sale import Step, move_sale
from quote_service.selling.flash_sales.operations.sales.price_bounds import price_warnings
from quote_service.selling.flash_sales.operations.sales.replace_sale import replace_sale
from quote_service.selling.flash_sales.operations.upkeep.maintain_items import follow_sale
from quote_service.selling.flash_sales.routes import examples
from quote_service.selling.flash_sales.tables.sales import page_of_sales, read_sale

_SALES = "flash-sales"


class SaleFilters(msgspec.Struct, frozen=True):
    """Which sales to list."""

    state: Annotated[SaleState | None, Renamed("status")] = None
    """Only sales in this state."""
    product_id: UUID | None = None
    """Only sales of this product."""


@post(
    "/",
    opt={
        "access": SALE_WRITERS,
        "described": Described(
            body=SaleDraft,
            body_example=examples.SALE,
            answer=WrittenSale,
            answer_example=examples.RECORD,
            message="Flash sale created",
            repeatable=True,
            problems=(SaleOverlaps,),
            headers=created("The sale."),
        ),
    },
)
async def create_flash_sale(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Create a flash sale.

    It starts at `starts_at`, or earlier when it is activated. A product can be in only one scheduled or active sale at
    a time: otherwise the request fails with a conflict.
    """
    draft = _read_draft(await request.body())
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        record = await create_sale(creation.connection, change_of(request), draft)
        headers = {"Location": f"/api/v1/flash-sales/{record.id}", **_tag(record)}
        shown = written_sale(record, await _warnings(creation.connection, request, record))
        return creation.answer(201, envelope(shown, "Flash sale created"), headers)


@get(
    "/",
    opt={
        "access": SALE_READERS,
        "described": Described(answer=SaleRecord, answer_example=examples.RECORD, form="list", query=SaleFilters),
    },
)
async def list_flash_sales(request: Request[Any, Any, Any]) -> Response[bytes]:
    """List flash sales.

    Newest first.
    """
    page = read_page(request.scope["query_string"], _SALES, SaleFilters, tuple[UUID])
    before = None if page.after is None else page.after[0]
    async with parts_of(request)[Database].read() as connection:
        rows = await page_of_sales(
            connection,
            state=page.filters.state,
            product_id=page.filters.product_id,
            before=before,
            limit=page.limit + 1,
        )
    return page_answer(page, _SALES, rows, lambda row: (row.id,))


@get(
    "/{sale_id:uuid}",
    opt={
        "access": SALE_READERS,
        "described": Described(
            answer=SaleRecord, answer_example=examples.RECORD, message="Flash sale", headers=VERSIONED
        ),
    },
)
async def show_flash_sale(request: Request[Any, Any, Any], sale_id: FromPath[UUID]) -> Response[bytes]:
    """Get a flash sale."""
    async with parts_of(request)[Database].read() as connection:
        record = await read_sale(connection, sale_id)
    return _shown(record, "Flash sale")


@put(
    "/{sale_id:uuid}",
    opt={
        "access": SALE_WRITERS,
        "described": Described(
            body=SaleDraft,
            body_example=examples.SALE,
            answer=WrittenSale,
            answer_example={**examples.RECORD, "version": 2},
            message="Flash sale replaced",
            conditional=True,
            problems=(SaleOverlaps, SaleStateForbids, StockBelowSold),
            headers=VERSIONED,
        ),
    },
)
async def replace_flash_sale(request: Request[Any, Any, Any], sale_id: FromPath[UUID]) -> Response[bytes]:
    """Replace a flash sale.

    Before the sale starts, everything can change. While it is active, its start, products and currencies cannot
    change, and stock can be lowered only to what is reserved and sold. An ended or cancelled sale cannot change.
    """
    draft = _read_draft(await request.body())
    parts = parts_of(request)
    async with parts[Database].transaction() as connection:
        record = await replace_sale(
            connection, parts[FlashSaleRuntime].upkeep, change_of(request), sale_id, draft, precondition_of(request)
        )
        shown = written_sale(record, await _warnings(connection, request, record))
    await follow_sale(parts[FlashSaleRuntime], sale_id)
    return _shown(shown, "Flash sale replaced")


async def _warnings(connection: Connection, request: Request[Any, Any, Any], sale: SaleDraft) -> list[SaleWarning]:
    """What is to be known of the prices, for those who see how far a price may move."""
    if not PRICE_BOUNDS_READERS.allows(caller_of(request)):
        return []
    return await price_warnings(connection, sale)


def _step_described(message: str, state: SaleState, problems: Any = (SaleStateForbids,)) -> Described:
    return Described(
        answer=SaleRecord,
        answer_example={**examples.RECORD, "status": state, "version": 2},
        message=message,
        conditional=True,
        problems=problems,
        headers=VERSIONED,
    )


@post(
    "/{sale_id:uuid}/activate",
    status_code=200,
    opt={
        "access": SALE_WRITERS,
        "described": _step_described("Flash sale active", "active", (SaleStateForbids, SaleOverlaps)),
    },
)
async def activate_flash_sale(request: Request[Any, Any, Any], sale_id: FromPath[UUID]) -> Response[bytes]:
    """Start a scheduled flash sale now."""
    return await _moved(request, sale_id, "activate", "Flash sale active")


@post(
    "/{sale_id:uuid}/end",
    status_code=200,
    opt={"access": SALE_WRITERS, "described": _step_described("Flash sale ended", "ended")},
)
async def end_flash_sale(request: Request[Any, Any, Any], sale_id: FromPath[UUID]) -> Response[bytes]:
    """End an active flash sale now.

    Reserved purchases can still be confirmed until they expire.
    """
    return await _moved(request, sale_id, "end", "Flash sale ended")


@post(
    "/{sale_id:uuid}/cancel",
    status_code=200,
    opt={"access": SALE_WRITERS, "described": _step_described("Flash sale cancelled", "cancelled")},
)
async def cancel_flash_sale(request: Request[Any, Any, Any], sale_id: FromPath[UUID]) -> Response[bytes]:
    """Cancel a flash sale that has not ended.

    Confirmed purchases stay valid, and reserved ones can still be confirmed until they expire.
    """
    return await _moved(request, sale_id, "cancel", "Flash sale cancelled")


@delete(
    "/{sale_id:uuid}",
    status_code=204,
    opt={
        "access": SALE_WRITERS,
        "described": Described(form="nothing", conditional=True, problems=(SaleStateForbids,)),
    },
)
async def delete_flash_sale(request: Request[Any, Any, Any], sale_id: FromPath[UUID]) -> Response[None]:
    """Cancel a flash sale.

    Same as `POST /api/v1/flash-sales/{sale_id}/cancel`; the sale stays readable.
    """
    await _moved(request, sale_id, "cancel", "")
    return Response(None, status_code=204)


async def _moved(request: Request[Any, Any, Any], sale_id: UUID, step: Step, message: str) -> Response[bytes]:
    parts = parts_of(request)
    async with parts[Database].transaction() as connection:
        record = await move_sale(connection, change_of(request), sale_id, step, precondition_of(request))
    await follow_sale(parts[FlashSaleRuntime], sale_id)
    return _shown(record, message)


def _read_draft(body: bytes) -> SaleDraft:
    draft = read_document(body, SaleDraft)
    if faults := sale_faults(draft):
        raise Invalid.because(faults)
    return draft


def _tag(record: SaleRecord) -> dict[str, str]:
    return etag_header(str(record.id), record.version)


def _shown(record: SaleRecord, message: str) -> Response[bytes]:
    return one_answer(record, message, _tag(record))
