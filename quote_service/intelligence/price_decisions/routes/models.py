"""What was learnt about demand: `/api/v1/price-models`.

Source: docs/spec/price-decisions.md#models.
"""

from uuid import UUID

import msgspec
from litestar.params import FromPath

from quote_service.intelligence.price_decisions.model.models import ModelProduct, ModelRecord
from quote_service.intelligence.price_decisions.tables.models import MODEL_ROWS, page_of_model_products, read_model
from quote_service.platform.callers.access import PRICE_DECISION_READERS
from quote_service.platform.http.checked_filters import check_named
from quote_service.platform.http.cursors import Page
from quote_service.platform.http.endpoints.connections import Reading
from quote_service.platform.http.endpoints.endpoint import get
from quote_service.platform.http.endpoints.results import Cursor
from quote_service.platform.http.lists.listing import ListAnswer, Listing, ListRequest
from quote_service.shop.catalog.operations.require_product import require_product


class ModelProductFilters(msgspec.Struct, frozen=True):
    """Which products to list."""

    product_id: UUID | None = None
    """Only this product."""
    is_identified: bool | None = None
    """Only products on which prices may be set by themselves, or only the others."""


@get(access=PRICE_DECISION_READERS, listing=Listing("price-models", MODEL_ROWS))
async def list_models(rows: ListRequest[ModelRecord]) -> ListAnswer:
    """List price models.

    Newest first: each is a version of what was learnt about demand from what was sold.
    """
    return await rows.answer()


@get("/{model_id:uuid}", access=PRICE_DECISION_READERS, message="Price model")
async def show_model(connection: Reading, model_id: FromPath[UUID]) -> ModelRecord:
    """Get a price model.

    With every forecast that was tried, and how it did.
    """
    return await read_model(connection, model_id)


@get(
    "/{model_id:uuid}/products",
    access=PRICE_DECISION_READERS,
    cursor=Cursor(
        "price-model-products",
        (
            "product_id",
            "currency",
        ),
    ),
)
async def list_model_products(
    connection: Reading, model_id: FromPath[UUID], page: Page[ModelProductFilters, tuple[UUID, str]]
) -> list[ModelProduct]:
    """List products of a price model.

    How demand for each answers to its price, and why prices may not be set on it where they may not.
    """
    await read_model(connection, model_id)
    rows = await page_of_model_products(
        connection,
        model_id,
        product_id=page.filters.product_id,
        is_identified=page.filters.is_identified,
        after=page.after,
        limit=page.limit + 1,
    )
    if not rows:
        await check_named(connection, product_id=(require_product, page.filters.product_id))
    return rows
