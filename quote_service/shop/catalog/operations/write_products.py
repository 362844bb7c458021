"""Write products with all that belongs to them, one or thousands at once: the one way in for requests and imports.

Source: docs/spec/catalog.md#products-and-variants.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.resource.operations import known
from quote_service.platform.system.errors import Fault
from quote_service.platform.system.new_ids import new_id
from quote_service.shop.catalog.model.price_changes import Reason
from quote_service.shop.catalog.model.product_rows import ProductToWrite, content_of, price_rows, rows_of_record
from quote_service.shop.catalog.model.products import ProductDraft, ProductRecord
from quote_service.shop.catalog.operations.categories import CATEGORIES
from quote_service.shop.catalog.operations.sellers import SELLERS
from quote_service.shop.catalog.tables.products import (
    insert_products,
    lock_products,
    owners_of_skus,
    read_products,
    set_change_reason,
    update_products,
    variants_ever,
    write_parts,
)


class Incoming(NamedTuple):
    """A draft without faults of its own (`product_faults`), and the product that it replaces; None for a new one."""

    draft: ProductDraft
    held: ProductRecord | None


class Written(NamedTuple):
    """How many products were made, changed, and found as they were; `ids` in the order that they came in."""

    created: int
    changed: int
    unchanged: int
    ids: list[UUID]


class ProductsRefused(Exception):
    """Drafts that cannot be written: the faults of each, by its place among what came in."""

    def __init__(self, faults: dict[int, tuple[Fault, ...]], skus_taken: dict[int, tuple[Fault, ...]]) -> None:
        super().__init__("products cannot be written")
        self.faults = faults
        self.skus_taken = skus_taken


async def hold_products(connection: Connection, product_ids: Sequence[UUID]) -> dict[UUID, ProductRecord]:
    """Those of the products that there are, kept from others until the transaction ends."""
    await lock_products(connection, product_ids)
    return await read_products(connection, product_ids)


async def write_products(
    change: Change, products: Sequence[Incoming], *, reason: Reason, source_id: str = ""
) -> Written:
    """Write products, their variants, prices and audit rows; one that means what it meant is left as it is.

    Args:
        change: Its author.
        products: What comes in, each product and each SKU once.
        reason: What the price history tells of prices that move.
        source_id: What the price history names as behind it.

    Raises:
        ProductsRefused: With the faults of every draft that has any.
        Conflict: Somebody took one of the SKUs at this moment.
    """
    faults = await _reference_faults(change.connection, products)
    to_write: list[ProductToWrite] = []
    held_variants = await variants_ever(change.connection, [each.held.id for each in products if each.held is not None])
    unchanged, ids = 0, []
    for place, (draft, held) in enumerate(products):
        rows, draft_faults = price_rows(draft, held)
        product_id = UUID(new_id(change.at_us // 1000)) if held is None else held.id
        ids.append(product_id)
        known = held_variants.get(product_id, {})
        draft_faults += _variant_faults(draft, known)
        if draft_faults:
            faults[place] = (*faults.get(place, ()), *draft_faults)
        if held is not None and content_of(draft, rows) == content_of(held, rows_of_record(held)):
            unchanged += 1
            continue
        variant_ids = {
            variant.sku: known.get(variant.sku) or UUID(new_id(change.at_us // 1000)) for variant in draft.variants
        }
        to_write.append(ProductToWrite(product_id, draft, rows, variant_ids))
    taken = await _taken_skus(change.connection, products, ids)
    if faults or taken:
        raise ProductsRefused(faults, taken)
    if to_write:
        held_by_id = {each.held.id: each.held for each in products if each.held is not None}
        await _write(change, to_write, held_by_id, reason, source_id)
    created = sum(1 for each in products if each.held is None)
    return Written(created, len(to_write) - created, unchanged, ids)


async def _write(
    change: Change,
    to_write: list[ProductToWrite],
    held: dict[UUID, ProductRecord],
    reason: Reason,
    source_id: str,
) -> None:
    await set_change_reason(change.connection, reason, change.actor, source_id=source_id)
    if changed := [product for product in to_write if product.id in held]:
        await update_products(change.connection, changed, change.actor)
    if created := [product for product in to_write if product.id not in held]:
        await insert_products(change.connection, created, change.actor, change.at)
    await write_parts(change.connection, to_write)
    records = await read_products(change.connection, [product.id for product in to_write])
    await change.record_many(
        [
            ("product.replace" if product.id in held else "product.create", held.get(product.id), records[product.id])
            for product in to_write
        ]
    )


def _variant_faults(draft: ProductDraft, known: Mapping[str, UUID]) -> tuple[Fault, ...]:
    return tuple(
        Fault(f"/variants/{place}/id", "is not the id of the variant with this SKU; leave it out for a new one")
        for place, variant in enumerate(draft.variants)
        if variant.id is not None and variant.id != known.get(variant.sku)
    )


async def _reference_faults(connection: Connection, products: Sequence[Incoming]) -> dict[int, tuple[Fault, ...]]:
    """What names a category or a seller that is not there."""
    wanted_categories = {each.draft.category_id for each in products} - {None}
    wanted_sellers = {each.draft.seller_id for each in products} - {None}
    categories = await known(CATEGORIES, connection, [each for each in wanted_categories if each is not None])
    sellers = await known(SELLERS, connection, [each for each in wanted_sellers if each is not None])
    faults: dict[int, tuple[Fault, ...]] = {}
    for place, (draft, _) in enumerate(products):
        found = []
        if draft.category_id is not None and draft.category_id not in categories:
            found.append(Fault("/category_id", "there is no such category"))
        if draft.seller_id is not None and draft.seller_id not in sellers:
            found.append(Fault("/seller_id", "there is no such seller"))
        if found:
            faults[place] = tuple(found)
    return faults


async def _taken_skus(
    connection: Connection, products: Sequence[Incoming], ids: Sequence[UUID]
) -> dict[int, tuple[Fault, ...]]:
    """SKUs that another product, or another part of the same one, has."""
    skus = [sku for each in products for sku in (each.draft.sku, *(variant.sku for variant in each.draft.variants))]
    owners = await owners_of_skus(connection, skus)
    # What is replaced in the same breath gives its SKU back.
    given_back = {each.held.sku for each in products if each.held is not None and each.held.sku != each.draft.sku}
    taken: dict[int, tuple[Fault, ...]] = {}
    for place, (draft, _) in enumerate(products):
        found = []
        for part, sku in enumerate((draft.sku, *(variant.sku for variant in draft.variants))):
            owner = owners.get(sku)
            is_mine = owner is not None and owner.product_id == ids[place] and (owner.variant_id is None) == (part == 0)
            if owner is not None and not is_mine and not (owner.variant_id is None and sku in given_back):
                pointer = "/sku" if part == 0 else f"/variants/{part - 1}/sku"
                found.append(Fault(pointer, "another product or variant has this SKU"))
        if found:
            taken[place] = tuple(found)
    return taken
