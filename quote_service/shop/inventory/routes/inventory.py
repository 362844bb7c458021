"""Stock: `/api/v1/inventory`.

Source: docs/spec/inventory.md.
"""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, post, put
from litestar.params import FromPath

from quote_service.platform.callers.access import CATALOG_READERS, CATALOG_WRITERS
from quote_service.platform.documents.documents import envelope, read_document
from quote_service.platform.http.answers import page_answer, tagged_answer
from quote_service.platform.http.callers import change_of
from quote_service.platform.http.cursors import read_filters, read_page
from quote_service.platform.http.etags import etag_header, precondition_of
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.money.quantities import FACTOR_PLACES, quantity_faults
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Invalid
from quote_service.shop.inventory.model.stock import (
    Level,
    NotEnoughStock,
    StockAdjustment,
    StockDraft,
    StockMovement,
    StockRecord,
)
from quote_service.shop.inventory.operations.write_stock import adjust_stock, set_stock
from quote_service.shop.inventory.routes import examples
from quote_service.shop.inventory.tables.movements import page_of_movements
from quote_service.shop.inventory.tables.stock import StockFilter, page_of_stock, read_stock

_STOCK = "inventory"
_MOVEMENTS = "inventory-movements"
_Number = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]


class StockFilters(msgspec.Struct, frozen=True):
    """Which stock to list."""

    level: Level | None = None
    """Only stock at this level, such as `low`."""
    product_id: UUID | None = None
    """Only stock of this product and its variants."""


class ItemOfProduct(msgspec.Struct, frozen=True):
    """Which item of a product."""

    variant_id: UUID | None = None
    """The variant; the product itself without it."""


class MovementFilters(msgspec.Struct, frozen=True):
    """Which movements to list."""

    variant_id: UUID | None = None
    """Only movements of this variant."""


@get(
    "/",
    opt={
        "access": CATALOG_READERS,
        "described": Described(
            answer=StockRecord, answer_example=examples.STOCK_RECORD, form="list", query=StockFilters
        ),
    },
)
async def list_stock(request: Request[Any, Any, Any]) -> Response[bytes]:
    """List stock.

    Of all products and variants whose stock has been set, by the id of the product or variant. With `level=low`, what is
    running out.
    """
    page = read_page(request.scope["query_string"], _STOCK, StockFilters, tuple[UUID])
    wanted = StockFilter(page.filters.product_id, page.filters.level)
    after = None if page.after is None else page.after[0]
    async with parts_of(request)[Database].read() as connection:
        rows = await page_of_stock(connection, wanted, after=after, limit=page.limit + 1)
    return page_answer(page, _STOCK, rows, lambda row: (row.item_id,))


@get(
    "/{product_id:uuid}",
    opt={
        "access": CATALOG_READERS,
        "described": Described(
            answer=StockRecord,
            answer_example=examples.STOCK_RECORD,
            message="Stock",
            query=ItemOfProduct,
            headers=examples.TAGGED,
        ),
    },
)
async def show_stock(request: Request[Any, Any, Any], product_id: FromPath[UUID]) -> Response[bytes]:
    """Get the stock of a product or variant.

    Stock that has not been set yet is 0, with version 0.
    """
    wanted = read_filters(request.scope["query_string"], ItemOfProduct)
    async with parts_of(request)[Database].read() as connection:
        record = await read_stock(connection, product_id, wanted.variant_id)
    return tagged_answer(record, "Stock", record.item_id, record.version)


@put(
    "/{product_id:uuid}",
    opt={
        "access": CATALOG_WRITERS,
        "described": Described(
            body=StockDraft,
            body_example=examples.STOCK,
            answer=StockRecord,
            answer_example=examples.STOCK_RECORD,
            message="Stock set",
            conditional=True,
            problems=(NotEnoughStock,),
            headers=examples.TAGGED,
        ),
    },
)
async def set_product_stock(request: Request[Any, Any, Any], product_id: FromPath[UUID]) -> Response[bytes]:
    """Set the stock of a product or variant.

    Its quantity, and what else is given; what is left out stays as it is. Prices follow at once where `is_dynamic` is set.
    """
    draft = read_document(await request.body(), StockDraft)
    if faults := tuple(quantity_faults(draft, "", FACTOR_PLACES)):
        raise Invalid.because(faults)
    async with parts_of(request)[Database].transaction() as connection:
        record = await set_stock(connection, change_of(request), product_id, draft, precondition_of(request))
    return tagged_answer(record, "Stock set", record.item_id, record.version)


@post(
    "/{product_id:uuid}/adjust",
    status_code=200,
    opt={
        "access": CATALOG_WRITERS,
        "described": Described(
            body=StockAdjustment,
            body_example=examples.ADJUSTMENT,
            answer=StockRecord,
            answer_example=examples.STOCK_RECORD,
            message="Stock adjusted",
            repeatable=True,
            problems=(NotEnoughStock,),
            headers=examples.TAGGED,
        ),
    },
)
async def adjust_product_stock(request: Request[Any, Any, Any], product_id: FromPath[UUID]) -> Response[bytes]:
    """Adjust the stock of a product or variant.

    Adds `delta` to its quantity, which never goes below what is reserved. Prices follow at once where `is_dynamic` is set.
    """
    adjustment = read_document(await request.body(), StockAdjustment)
    if not adjustment.delta:
        raise Invalid.at("/delta", "must not be 0")
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        record = await adjust_stock(creation.connection, change_of(request), product_id, adjustment)
        headers = etag_header(str(record.item_id), record.version)
        return creation.answer(200, envelope(record, "Stock adjusted"), headers)


@get(
    "/{product_id:uuid}/movements",
    opt={
        "access": CATALOG_READERS,
        "described": Described(
            answer=StockMovement, answer_example=examples.MOVEMENT, form="list", query=MovementFilters
        ),
    },
)
async def list_stock_movements(request: Request[Any, Any, Any], product_id: FromPath[UUID]) -> Response[bytes]:
    """List movements of a product's stock.

    Newest first: every change of a quantity or of what of it is reserved, of the product and its variants.
    """
    page = read_page(request.scope["query_string"], _MOVEMENTS, MovementFilters, tuple[_Number])
    before = None if page.after is None else page.after[0]
    variant_id = page.filters.variant_id
    async with parts_of(request)[Database].read() as connection:
        rows = await page_of_movements(
            connection, product_id, variant_id=variant_id, before=before, limit=page.limit + 1
        )
        if not rows:
            await read_stock(connection, product_id, variant_id)
    return page_answer(page, _MOVEMENTS, rows, lambda row: (row.id,))


inventory = Router(
    "/api/v1/inventory",
    route_handlers=[list_stock, show_stock, set_product_stock, adjust_product_stock, list_stock_movements],
)
