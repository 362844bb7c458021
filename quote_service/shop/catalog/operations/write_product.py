"""Make, replace and switch off one product.

Source: docs/spec/catalog.md#products-and-variants.
"""

from uuid import UUID

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Invalid, NotFound, SkuTaken
from quote_service.platform.system.preconditions import Precondition
from quote_service.shop.catalog.model.products import ProductDraft, ProductRecord
from quote_service.shop.catalog.operations.write_products import (
    Incoming,
    ProductsRefused,
    hold_products,
    write_products,
)
from quote_service.shop.catalog.tables.products import deactivate_product, read_product


async def create_product(change: Change, draft: ProductDraft) -> ProductRecord:
    """Make a product.

    Args:
        change: Its author.
        draft: Without faults of its own (`product_faults`).

    Raises:
        Invalid: It names what is not there, or a price is past a bound.
        SkuTaken: Another product or variant has one of its SKUs.
    """
    return await _write(change, Incoming(draft, None))


async def replace_product(
    change: Change, product_id: UUID, draft: ProductDraft, precondition: Precondition
) -> ProductRecord:
    """Write a product again; one that means what it meant stays as it is.

    Raises:
        NotFound: There is no such product.
        Stale: It has been changed since.
        Invalid, SkuTaken: As `create_product`.
    """
    held = await hold_product(change.connection, product_id, precondition)
    return await _write(change, Incoming(draft, held))


async def retire_product(change: Change, product_id: UUID, precondition: Precondition) -> None:
    """Switch a product off; its row stays, and so does the history of its prices.

    Raises:
        NotFound, Stale: As `replace_product`.
    """
    held = await hold_product(change.connection, product_id, precondition)
    if not held.is_active:
        return
    await deactivate_product(change.connection, product_id, change.actor)
    await change.record("product.deactivate", held, await read_product(change.connection, product_id))


async def hold_product(connection: Connection, product_id: UUID, precondition: Precondition) -> ProductRecord:
    """A product as it is, kept from others until the transaction ends.

    Raises:
        NotFound, Stale: As `replace_product`.
    """
    held = (await hold_products(connection, [product_id])).get(product_id)
    if held is None:
        raise NotFound("There is no such product")
    precondition.require(str(product_id), held.version)
    return held


async def _write(change: Change, product: Incoming) -> ProductRecord:
    try:
        written = await write_products(change, [product], reason="manual")
    except ProductsRefused as refused:
        if refused.faults:
            raise Invalid.because(refused.faults[0]) from None
        raise SkuTaken("Another product or variant has this SKU", faults=refused.skus_taken[0]) from None
    return await read_product(change.connection, written.ids[0])
