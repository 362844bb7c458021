"""One product: made, shown, replaced, switched off.

Source: docs/spec/catalog.md#products-and-variants.
"""

from uuid import UUID

from litestar.params import FromPath

from quote_service.platform.callers.access import CATALOG_WRITERS, PRODUCT_READERS, Caller
from quote_service.platform.documents.shown_members import read_replacement
from quote_service.platform.http.endpoints.connections import CreatingChange, Reading, WritingChange
from quote_service.platform.http.endpoints.endpoint import delete, get, post, put
from quote_service.platform.http.endpoints.results import Location, Tagged
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.errors import Invalid, SkuTaken
from quote_service.platform.system.preconditions import Precondition
from quote_service.shop.catalog.model.product_rows import product_faults
from quote_service.shop.catalog.model.products import ProductDraft, ProductRecord
from quote_service.shop.catalog.operations.prior_prices import PriorPrices
from quote_service.shop.catalog.operations.show_products import with_prior_prices
from quote_service.shop.catalog.operations.write_product import create_product, replace_product, retire_product
from quote_service.shop.catalog.routes import examples
from quote_service.shop.catalog.routes.shown_products import shown_to
from quote_service.shop.catalog.tables.products import read_product


async def _as_read(prior_prices: PriorPrices, connection: Connection, record: ProductRecord) -> ProductRecord:
    return (await with_prior_prices(prior_prices, connection, [record], now_us()))[0]


async def _replacement(request: AnyRequest, product_id: FromPath[UUID]) -> ProductDraft:
    draft = read_replacement(await request.body(), ProductDraft, ProductRecord, product_id)
    if faults := product_faults(draft):
        raise Invalid.because(faults)
    return draft


@post(
    access=CATALOG_WRITERS,
    message="Product created",
    location=Location("/api/v1/products/{id}", "The product."),
    faults=product_faults,
    problems=(SkuTaken,),
)
async def create_catalog_product(
    change: CreatingChange, prior_prices: PriorPrices, data: ProductDraft
) -> Tagged[ProductRecord]:
    """Create a product.

    With its prices and variants. `current_price` begins at `base_price` unless it is given.
    """
    return await _as_read(prior_prices, change.connection, await create_product(change, data))


@get("/{product_id:uuid}", access=PRODUCT_READERS, message="Product")
async def show_catalog_product(
    connection: Reading, caller: Caller, prior_prices: PriorPrices, product_id: FromPath[UUID]
) -> Tagged[ProductRecord]:
    """Get a product.

    Shoppers and checkouts see active products only, without `cost_price`, `min_price`, `max_price`, `created_by` and
    `changed_by`; with the scope `prices:read` they see `min_price` and `max_price`, which keys with `reports:read` alone do not.
    """
    record = await _as_read(prior_prices, connection, await read_product(connection, product_id))
    return shown_to(caller, record)


@put(
    "/{product_id:uuid}",
    access=CATALOG_WRITERS,
    body=ProductDraft,
    example={**examples.PRODUCT_RECORD, "version": 2},
    message="Product replaced",
    dependencies={"draft": _replacement},
    problems=(SkuTaken,),
)
async def replace_catalog_product(
    change: WritingChange,
    prior_prices: PriorPrices,
    product_id: FromPath[UUID],
    draft: ProductDraft,
    precondition: Precondition,
) -> Tagged[ProductRecord]:
    """Replace a product.

    Fields that are left out take their defaults, except `current_price`, which stays as it is, held to the new bounds.
    Currencies and variants that are left out are removed. If nothing changes, no version is created. What `GET` shows can
    be sent back: fields that cannot be written are passed over.
    """
    record = await replace_product(change, product_id, draft, precondition)
    return await _as_read(prior_prices, change.connection, record)


@delete("/{product_id:uuid}", access=CATALOG_WRITERS)
async def deactivate_catalog_product(
    change: WritingChange, product_id: FromPath[UUID], precondition: Precondition
) -> None:
    """Deactivate a product.

    Sets `is_active` to false. The product and its price history stay, and so does its SKU.
    """
    await retire_product(change, product_id, precondition)
