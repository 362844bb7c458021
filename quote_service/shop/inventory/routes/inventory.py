"""Stock: `/api/v1/inventory`.

Source: docs/spec/inventory.md.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router
from litestar.params import FromPath

from quote_service.platform.callers.access import CATALOG_READERS, CATALOG_WRITERS
from quote_service.platform.http.checked_filters import check_filters
from quote_service.platform.http.endpoints.connections import CreatingChange, Reading, WritingChange
from quote_service.platform.http.endpoints.endpoint import get, post, put
from quote_service.platform.http.endpoints.results import Tag
from quote_service.platform.http.lists.listing import ListAnswer, Listing, ListRequest
from quote_service.platform.money.quantities import FACTOR_PLACES, quantity_faults
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Invalid
from quote_service.platform.system.preconditions import Precondition
from quote_service.shop.inventory.model.stock import (
    Level,
    NotEnoughStock,
    StockAdjustment,
    StockDraft,
    StockMovement,
    StockRecord,
)
from quote_service.shop.inventory.operations.write_stock import adjust_stock, set_stock
from quote_service.shop.inventory.routes.examples import EXAMPLES
from quote_service.shop.inventory.tables.movements import MOVEMENT_ROWS
from quote_service.shop.inventory.tables.stock import STOCK_ROWS, read_stock

_Tagged = Annotated[StockRecord, Tag("item_id")]
_Instant = Annotated[datetime, msgspec.Meta(tz=True)]


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
    reason: str | None = None
    """Only movements with this reason."""
    from_: _Instant | None = msgspec.field(default=None, name="from")
    """Only movements at this instant or later."""
    to: _Instant | None = None
    """Only movements before this instant."""


@get(access=CATALOG_READERS, listing=Listing("inventory", STOCK_ROWS, StockFilters))
async def list_stock(rows: ListRequest[StockRecord]) -> ListAnswer:
    """List stock.

    Of all products and variants whose stock has been set, by the id of the product or variant. With `level=low`, what is
    running out.
    """
    return await rows.answer()


@get("/{product_id:uuid}", access=CATALOG_READERS, message="Stock")
async def show_stock(connection: Reading, product_id: FromPath[UUID], query: ItemOfProduct) -> _Tagged:
    """Get the stock of a product or variant.

    Stock that has not been set yet is 0, with version 0.
    """
    return await read_stock(connection, product_id, query.variant_id)


@put(
    "/{product_id:uuid}",
    access=CATALOG_WRITERS,
    message="Stock set",
    faults=lambda data: quantity_faults(data, "", FACTOR_PLACES),
    problems=(NotEnoughStock,),
)
async def set_product_stock(
    change: WritingChange, product_id: FromPath[UUID], data: StockDraft, precondition: Precondition
) -> _Tagged:
    """Set the stock of a product or variant.

    Its quantity, and what else is given; what is left out stays as it is. Prices follow at once where `is_dynamic` is set.
    """
    return await set_stock(change, product_id, data, precondition)


def _check_adjustment(data: StockAdjustment) -> None:
    if not data.delta:
        raise Invalid.at("/delta", "must not be 0")


@post(
    "/{product_id:uuid}/adjust",
    status_code=200,
    access=CATALOG_WRITERS,
    message="Stock adjusted",
    check=_check_adjustment,
    problems=(NotEnoughStock,),
)
async def adjust_product_stock(change: CreatingChange, product_id: FromPath[UUID], data: StockAdjustment) -> _Tagged:
    """Adjust the stock of a product or variant.

    Adds `delta` to its quantity, which never goes below what is reserved. Prices follow at once where `is_dynamic` is set.
    """
    return await adjust_stock(change, product_id, data)


@get(
    "/{product_id:uuid}/movements",
    access=CATALOG_READERS,
    listing=Listing("inventory-movements", MOVEMENT_ROWS, MovementFilters),
)
async def list_stock_movements(rows: ListRequest[StockMovement], product_id: FromPath[UUID]) -> ListAnswer:
    """List movements of a product's stock.

    Newest first: every change of a quantity or of what of it is reserved, of the product and its variants.
    """

    async def check(_: Connection, asked: MovementFilters) -> None:
        check_filters(since=asked.from_, until=asked.to)

    async def check_item(connection: Connection, asked: MovementFilters) -> None:
        await read_stock(connection, product_id, asked.variant_id)

    return await rows.answer({"product_id": product_id}, check=check, check_empty=check_item)


inventory = Router(
    "/api/v1/inventory",
    route_handlers=[list_stock, show_stock, set_product_stock, adjust_product_stock, list_stock_movements],
    opt={"examples": EXAMPLES},
)
