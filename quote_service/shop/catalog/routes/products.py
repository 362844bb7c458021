"""One product: made, shown, replaced, switched off.

Source: docs/spec/catalog.md#products-and-variants.
"""

from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get, post, put
from litestar.params import FromPath

from quote_service.platform.callers.access import CATALOG_WRITERS, PRODUCT_READERS
from quote_service.platform.documents.documents import read_document
from quote_service.platform.documents.shown_members import read_replacement
from quote_service.platform.http.answers import tagged_answer
from quote_service.platform.http.callers import caller_of, change_of
from quote_service.platform.http.etags import precondition_of
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Invalid, SkuTaken
from quote_service.shop.catalog.model.product_rows import product_faults
from quote_service.shop.catalog.model.products import ProductDraft, ProductRecord
from quote_service.shop.catalog.operations.prior_prices import PriorPrices
from quote_service.shop.catalog.operations.show_products import with_prior_prices
from quote_service.shop.catalog.operations.write_product import create_product, replace_product, retire_product
from quote_service.shop.catalog.routes import examples
from quote_service.shop.catalog.routes.shown_products import shown_to
from quote_service.shop.catalog.tables.products import read_product


@post(
    "/",
    opt={
        "access": CATALOG_WRITERS,
        "described": Described(
            body=ProductDraft,
            body_example=examples.PRODUCT,
            answer=ProductRecord,
            answer_example=examples.PRODUCT_RECORD,
            message="Product created",
            repeatable=True,
            problems=(SkuTaken,),
            headers={**examples.TAGGED, "Location": "The product."},
        ),
    },
)
async def create_catalog_product(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Create a product.

    With its prices and variants. `current_price` begins at `base_price` unless it is given.
    """
    draft = _checked(read_document(await request.body(), ProductDraft))
    change = change_of(request)
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        record = await create_product(creation.connection, change, draft)
        record = await _as_read(request, creation.connection, record)
        return creation.created("/api/v1/products", record, "Product created")


@get(
    "/{product_id:uuid}",
    opt={
        "access": PRODUCT_READERS,
        "described": Described(
            answer=ProductRecord, answer_example=examples.PRODUCT_RECORD, message="Product", headers=examples.TAGGED
        ),
    },
)
async def show_catalog_product(request: Request[Any, Any, Any], product_id: FromPath[UUID]) -> Response[bytes]:
    """Get a product.

    Shoppers and checkouts see active products only, without `cost_price`, `min_price`, `max_price`, `created_by` and
    `changed_by`; with the scope `prices:read` they see `min_price` and `max_price`, which keys with `reports:read` alone do not.
    """
    async with parts_of(request)[Database].read() as connection:
        record = await _as_read(request, connection, await read_product(connection, product_id))
    return tagged_answer(shown_to(caller_of(request), record), "Product", record.id, record.version)


@put(
    "/{product_id:uuid}",
    opt={
        "access": CATALOG_WRITERS,
        "described": Described(
            body=ProductDraft,
            body_example=examples.PRODUCT,
            answer=ProductRecord,
            answer_example={**examples.PRODUCT_RECORD, "version": 2},
            message="Product replaced",
            conditional=True,
            problems=(SkuTaken,),
            headers=examples.TAGGED,
        ),
    },
)
async def replace_catalog_product(request: Request[Any, Any, Any], product_id: FromPath[UUID]) -> Response[bytes]:
    """Replace a product.

    Fields that are left out take their defaults, except `current_price`, which stays as it is, held to the new bounds.
    Currencies and variants that are left out are removed. If nothing changes, no version is created. What `GET` shows can
    be sent back: fields that cannot be written are passed over.
    """
    draft = _checked(read_replacement(await request.body(), ProductDraft, ProductRecord, product_id))
    async with parts_of(request)[Database].transaction() as connection:
        record = await replace_product(connection, change_of(request), product_id, draft, precondition_of(request))
        record = await _as_read(request, connection, record)
    return tagged_answer(record, "Product replaced", record.id, record.version)


@delete(
    "/{product_id:uuid}",
    status_code=204,
    opt={"access": CATALOG_WRITERS, "described": Described(form="nothing", conditional=True)},
)
async def deactivate_catalog_product(request: Request[Any, Any, Any], product_id: FromPath[UUID]) -> Response[None]:
    """Deactivate a product.

    Sets `is_active` to false. The product and its price history stay, and so does its SKU.
    """
    async with parts_of(request)[Database].transaction() as connection:
        await retire_product(connection, change_of(request), product_id, precondition_of(request))
    return Response(None, status_code=204)


async def _as_read(request: Request[Any, Any, Any], connection: Connection, record: ProductRecord) -> ProductRecord:
    return (await with_prior_prices(parts_of(request)[PriorPrices], connection, [record], now_us()))[0]


def _checked(draft: ProductDraft) -> ProductDraft:
    if faults := product_faults(draft):
        raise Invalid.because(faults)
    return draft
