"""Flash sales as admins announce and change them.

Source: spec 7; spec 1, Concurrency and repeats.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.params import FromPath

from quote_service.api.access import change_of
from quote_service.api.described import Described
from quote_service.api.etags import etag_header, precondition_of
from quote_service.api.flash_sales import examples
from quote_service.api.idempotency import creating
from quote_service.api.runtime import runtime_of
from quote_service.api.wire.cursors import read_page, write_cursor
from quote_service.api.wire.documents import envelope, list_envelope, read_document
from quote_service.domain.access import PRICING, READERS
from quote_service.domain.errors import Invalid, SaleOverlaps, SaleStateForbids, StockBelowSold
from quote_service.domain.flash_sales.sale import SaleDraft, SaleRecord, SaleState, sale_faults
from quote_service.flows.flash_sales.create_sale import create_sale
from quote_service.flows.flash_sales.keep_items import follow_sale
from quote_service.flows.flash_sales.move_sale import Step, move_sale
from quote_service.flows.flash_sales.replace_sale import replace_sale
from quote_service.postgres.flash_sales import page_of_sales, read_sale

_JSON = "application/json"
_SALES = "flash-sales"


class SaleFilters(msgspec.Struct, frozen=True):
    """Which sales to list."""

    state: SaleState | None = None
    product_id: UUID | None = None


@post(
    "/",
    opt={
        "access": PRICING,
        "described": Described(
            body=SaleDraft,
            body_example=examples.SALE,
            answer=SaleRecord,
            answer_example=examples.RECORD,
            message="Flash sale created",
            repeatable=True,
            problems=(SaleOverlaps,),
            headers={**examples.TAGGED, "Location": "The sale."},
        ),
    },
)
async def create_flash_sale(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Announce a flash sale.

    It begins at `starts_at` by the clock, or earlier by hand. A product that another scheduled or active sale has in the
    same period is a conflict.
    """
    draft = _read_draft(await request.body())
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        record = await create_sale(creation.connection, change_of(request), draft)
        headers = {"Location": f"/api/v1/flash-sales/{record.id}", **_tag(record)}
        return creation.answer(201, envelope(record, "Flash sale created"), headers)


@get(
    "/",
    opt={
        "access": READERS,
        "described": Described(answer=SaleRecord, answer_example=examples.RECORD, form="list", query=SaleFilters),
    },
)
async def list_flash_sales(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Flash sales, the newest first."""
    page = read_page(request.scope["query_string"], _SALES, SaleFilters, tuple[UUID])
    before = None if page.after is None else page.after[0]
    async with runtime_of(request).database.read() as connection:
        rows = await page_of_sales(
            connection,
            state=page.filters.state,
            product_id=page.filters.product_id,
            before=before,
            limit=page.limit + 1,
        )
    cursor = write_cursor(_SALES, (rows[page.limit - 1].id,)) if len(rows) > page.limit else None
    return Response(list_envelope(rows[: page.limit], cursor), media_type=_JSON)


@get(
    "/{sale_id:uuid}",
    opt={
        "access": READERS,
        "described": Described(
            answer=SaleRecord, answer_example=examples.RECORD, message="Flash sale", headers=examples.TAGGED
        ),
    },
)
async def show_flash_sale(request: Request[Any, Any, Any], sale_id: FromPath[UUID]) -> Response[bytes]:
    """One flash sale."""
    async with runtime_of(request).database.read() as connection:
        record = await read_sale(connection, sale_id)
    return _shown(record, "Flash sale")


@put(
    "/{sale_id:uuid}",
    opt={
        "access": PRICING,
        "described": Described(
            body=SaleDraft,
            body_example=examples.SALE,
            answer=SaleRecord,
            answer_example={**examples.RECORD, "version": 2},
            message="Flash sale replaced",
            conditional=True,
            problems=(SaleOverlaps, SaleStateForbids, StockBelowSold),
            headers=examples.TAGGED,
        ),
    },
)
async def replace_flash_sale(request: Request[Any, Any, Any], sale_id: FromPath[UUID]) -> Response[bytes]:
    """Replace a flash sale.

    Before it begins, all of it. While it is active, everything but its start, its products and their currencies; stock is
    raised, or lowered down to what is held and sold. What is over no longer changes.
    """
    draft = _read_draft(await request.body())
    runtime = runtime_of(request)
    async with runtime.database.transaction() as connection:
        record = await replace_sale(
            connection, runtime.flash.upkeep, change_of(request), sale_id, draft, precondition_of(request)
        )
    await follow_sale(runtime.flash, sale_id)
    return _shown(record, "Flash sale replaced")


def _step_described(message: str, state: SaleState, problems: Any = (SaleStateForbids,)) -> Described:
    return Described(
        answer=SaleRecord,
        answer_example={**examples.RECORD, "state": state, "version": 2},
        message=message,
        conditional=True,
        problems=problems,
        headers=examples.TAGGED,
    )


@post(
    "/{sale_id:uuid}/activate",
    status_code=200,
    opt={
        "access": PRICING,
        "described": _step_described("Flash sale active", "active", (SaleStateForbids, SaleOverlaps)),
    },
)
async def activate_flash_sale(request: Request[Any, Any, Any], sale_id: FromPath[UUID]) -> Response[bytes]:
    """Begin a scheduled flash sale now."""
    return await _moved(request, sale_id, "activate", "Flash sale active")


@post(
    "/{sale_id:uuid}/end",
    status_code=200,
    opt={"access": PRICING, "described": _step_described("Flash sale ended", "ended")},
)
async def end_flash_sale(request: Request[Any, Any, Any], sale_id: FromPath[UUID]) -> Response[bytes]:
    """End an active flash sale now.

    What is reserved stays reserved, and is confirmed or expires as it would have.
    """
    return await _moved(request, sale_id, "end", "Flash sale ended")


@post(
    "/{sale_id:uuid}/cancel",
    status_code=200,
    opt={"access": PRICING, "described": _step_described("Flash sale cancelled", "cancelled")},
)
async def cancel_flash_sale(request: Request[Any, Any, Any], sale_id: FromPath[UUID]) -> Response[bytes]:
    """Call a flash sale off that has not ended.

    What was bought stays bought, and what is reserved stays so until it is confirmed or expires.
    """
    return await _moved(request, sale_id, "cancel", "Flash sale cancelled")


@delete(
    "/{sale_id:uuid}",
    status_code=204,
    opt={
        "access": PRICING,
        "described": Described(form="nothing", conditional=True, problems=(SaleStateForbids,)),
    },
)
async def delete_flash_sale(request: Request[Any, Any, Any], sale_id: FromPath[UUID]) -> Response[None]:
    """Call a flash sale off, as by `cancel`; it stays to be read."""
    await _moved(request, sale_id, "cancel", "")
    return Response(None, status_code=204)


async def _moved(request: Request[Any, Any, Any], sale_id: UUID, step: Step, message: str) -> Response[bytes]:
    runtime = runtime_of(request)
    async with runtime.database.transaction() as connection:
        record = await move_sale(connection, change_of(request), sale_id, step, precondition_of(request))
    await follow_sale(runtime.flash, sale_id)
    return _shown(record, message)


def _read_draft(body: bytes) -> SaleDraft:
    draft = read_document(body, SaleDraft)
    if faults := sale_faults(draft):
        raise Invalid.because(faults)
    return draft


def _tag(record: SaleRecord) -> dict[str, str]:
    return etag_header(str(record.id), record.version)


def _shown(record: SaleRecord, message: str) -> Response[bytes]:
    return Response(envelope(record, message), status_code=200, media_type=_JSON, headers=_tag(record))
