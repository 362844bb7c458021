"""Flash sales as admins announce and change them.

Source: docs/spec/flash-sales.md#sales; docs/spec/wire.md#concurrent-changes-and-repeats.
"""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import FromPath

from quote_service.platform.callers.access import PRICE_BOUNDS_READERS, SALE_READERS, SALE_WRITERS, Caller
from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.http.endpoints.connections import CreatingChange, Reading, WritingChange
from quote_service.platform.http.endpoints.endpoint import delete, get, post, put
from quote_service.platform.http.endpoints.results import Location, Tagged
from quote_service.platform.http.lists.listing import ListAnswer, Listing, ListRequest
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import SaleOverlaps
from quote_service.platform.system.preconditions import Precondition
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
from quote_service.selling.flash_sales.operations.sales.move_sale import move_sale
from quote_service.selling.flash_sales.operations.sales.price_bounds import price_warnings
from quote_service.selling.flash_sales.operations.sales.replace_sale import replace_sale
from quote_service.selling.flash_sales.operations.upkeep.maintain_items import follow_sale
from quote_service.selling.flash_sales.routes import examples
from quote_service.selling.flash_sales.tables.sales import SALE_ROWS, read_sale, with_items


class SaleFilters(msgspec.Struct, frozen=True):
    """Which sales to list."""

    state: Annotated[SaleState | None, Renamed("status")] = None
    """Only sales in this state."""
    product_id: UUID | None = None
    """Only sales of this product."""


async def _warnings(connection: Connection, caller: Caller, sale: SaleDraft) -> list[SaleWarning]:
    """What is to be known of the prices, for those who see how far a price may move."""
    return await price_warnings(connection, sale) if PRICE_BOUNDS_READERS.allows(caller) else []


async def _follow(runtime: FlashSaleRuntime, sale_id: FromPath[UUID]) -> None:
    await follow_sale(runtime, sale_id)


@post(
    access=SALE_WRITERS,
    answer=WrittenSale,
    message="Flash sale created",
    location=Location("/api/v1/flash-sales/{id}", "The sale."),
    problems=(SaleOverlaps,),
    faults=sale_faults,
)
async def create_flash_sale(change: CreatingChange, caller: Caller, data: SaleDraft) -> Tagged[SaleRecord]:
    """Create a flash sale.

    It starts at `starts_at`, or earlier when it is activated. A product can be in only one scheduled or active sale at
    a time: otherwise the request fails with a conflict.
    """
    record = await create_sale(change, data)
    return written_sale(record, await _warnings(change.connection, caller, record))


@get(access=SALE_READERS, listing=Listing("flash-sales", SALE_ROWS, SaleFilters, complete=with_items))
async def list_flash_sales(rows: ListRequest[SaleRecord]) -> ListAnswer:
    """List flash sales.

    Newest first.
    """
    return await rows.answer()


@get("/{sale_id:uuid}", access=SALE_READERS, message="Flash sale")
async def show_flash_sale(connection: Reading, sale_id: FromPath[UUID]) -> Tagged[SaleRecord]:
    """Get a flash sale."""
    return await read_sale(connection, sale_id)


@put(
    "/{sale_id:uuid}",
    access=SALE_WRITERS,
    example={**examples.RECORD, "version": 2},
    answer=WrittenSale,
    message="Flash sale replaced",
    problems=(SaleOverlaps, SaleStateForbids, StockBelowSold),
    faults=sale_faults,
    then=_follow,
)
async def replace_flash_sale(
    change: WritingChange,
    caller: Caller,
    runtime: FlashSaleRuntime,
    sale_id: FromPath[UUID],
    data: SaleDraft,
    precondition: Precondition,
) -> Tagged[SaleRecord]:
    """Replace a flash sale.

    Before the sale starts, everything can change. While it is active, its start, products and currencies cannot
    change, and stock can be lowered only to what is reserved and sold. An ended or cancelled sale cannot change.
    """
    record = await replace_sale(runtime.upkeep, change, sale_id, data, precondition)
    return written_sale(record, await _warnings(change.connection, caller, record))


@post(
    "/{sale_id:uuid}/activate",
    status_code=200,
    access=SALE_WRITERS,
    message="Flash sale active",
    example={**examples.RECORD, "status": "active", "version": 2},
    then=_follow,
    problems=(SaleStateForbids, SaleOverlaps),
)
async def activate_flash_sale(
    change: WritingChange, sale_id: FromPath[UUID], precondition: Precondition
) -> Tagged[SaleRecord]:
    """Start a scheduled flash sale now."""
    return await move_sale(change, sale_id, "activate", precondition)


@post(
    "/{sale_id:uuid}/end",
    status_code=200,
    access=SALE_WRITERS,
    message="Flash sale ended",
    example={**examples.RECORD, "status": "ended", "version": 2},
    then=_follow,
    problems=(SaleStateForbids,),
)
async def end_flash_sale(
    change: WritingChange, sale_id: FromPath[UUID], precondition: Precondition
) -> Tagged[SaleRecord]:
    """End an active flash sale now.

    Reserved purchases can still be confirmed until they expire.
    """
    return await move_sale(change, sale_id, "end", precondition)


@post(
    "/{sale_id:uuid}/cancel",
    status_code=200,
    access=SALE_WRITERS,
    message="Flash sale cancelled",
    example={**examples.RECORD, "status": "cancelled", "version": 2},
    then=_follow,
    problems=(SaleStateForbids,),
)
async def cancel_flash_sale(
    change: WritingChange, sale_id: FromPath[UUID], precondition: Precondition
) -> Tagged[SaleRecord]:
    """Cancel a flash sale that has not ended.

    Confirmed purchases stay valid, and reserved ones can still be confirmed until they expire.
    """
    return await move_sale(change, sale_id, "cancel", precondition)


@delete("/{sale_id:uuid}", access=SALE_WRITERS, then=_follow, problems=(SaleStateForbids,))
async def delete_flash_sale(change: WritingChange, sale_id: FromPath[UUID], precondition: Precondition) -> None:
    """Cancel a flash sale.

    Same as `POST /api/v1/flash-sales/{sale_id}/cancel`; the sale stays readable.
    """
    await move_sale(change, sale_id, "cancel", precondition)
