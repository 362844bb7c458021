"""What was learnt about demand: `/api/v1/price-models`.

Source: docs/spec/price-decisions.md#models.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from quote_service.intelligence.price_decisions.model.models import ModelProduct, ModelRecord
from quote_service.intelligence.price_decisions.routes import examples
from quote_service.intelligence.price_decisions.tables.models import page_of_model_products, page_of_models, read_model
from quote_service.platform.callers.access import PRICE_DECISION_READERS
from quote_service.platform.http.answers import one_answer, page_answer
from quote_service.platform.http.checked_filters import check_named
from quote_service.platform.http.cursors import NoFilters, read_page
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.shop.catalog.operations.require_product import require_product

_LIST = "price-models"
_PRODUCTS = "price-model-products"


class ModelProductFilters(msgspec.Struct, frozen=True):
    """Which products to list."""

    product_id: UUID | None = None
    """Only this product."""
    is_identified: bool | None = None
    """Only products on which prices may be set by themselves, or only the others."""


@get(
    "/",
    opt={
        "access": PRICE_DECISION_READERS,
        "described": Described(answer=ModelRecord, answer_example=examples.MODEL, form="list"),
    },
)
async def list_models(request: Request[Any, Any, Any]) -> Response[bytes]:
    """List price models.

    Newest first: each is a version of what was learnt about demand from what was sold.
    """
    page = read_page(request.scope["query_string"], _LIST, NoFilters, tuple[UUID])
    before = None if page.after is None else page.after[0]
    async with parts_of(request)[Database].read() as connection:
        rows = await page_of_models(connection, before=before, limit=page.limit + 1)
    return page_answer(page, _LIST, rows, lambda row: (row.id,))


@get(
    "/{model_id:uuid}",
    opt={
        "access": PRICE_DECISION_READERS,
        "described": Described(answer=ModelRecord, answer_example=examples.MODEL, message="Price model"),
    },
)
async def show_model(request: Request[Any, Any, Any], model_id: FromPath[UUID]) -> Response[bytes]:
    """Get a price model.

    With every forecast that was tried, and how it did.
    """
    async with parts_of(request)[Database].read() as connection:
        found = await read_model(connection, model_id)
    return one_answer(found, "Price model")


@get(
    "/{model_id:uuid}/products",
    opt={
        "access": PRICE_DECISION_READERS,
        "described": Described(
            answer=ModelProduct, answer_example=examples.MODEL_PRODUCT, form="list", query=ModelProductFilters
        ),
    },
)
async def list_model_products(request: Request[Any, Any, Any], model_id: FromPath[UUID]) -> Response[bytes]:
    """List products of a price model.

    How demand for each answers to its price, and why prices may not be set on it where they may not.
    """
    page = read_page(request.scope["query_string"], _PRODUCTS, ModelProductFilters, tuple[UUID, str])
    async with parts_of(request)[Database].read() as connection:
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
    return page_answer(page, _PRODUCTS, rows, lambda row: (row.product_id, row.currency))
