"""Products with their variants and prices as rows.

Source: docs/spec/catalog.md#products-and-variants.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from asyncpg import Record

from quote_service.platform.documents.exact_documents import parse_exact
from quote_service.platform.documents.literals import json_literal
from quote_service.platform.money.amounts import decimal_text
from quote_service.platform.money.numbers import ExactNumber, scale_decimal
from quote_service.platform.money.quantities import FACTOR_PLACES
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.errors import NotFound
from quote_service.shop.catalog.model.price_changes import Reason
from quote_service.shop.catalog.model.prices import PriceField, PriceRecord, price_number
from quote_service.shop.catalog.model.product_rows import ProductToWrite
from quote_service.shop.catalog.model.products import ProductRecord, VariantRecord

STATEMENTS = Statements(__file__, "products")


class SkuOwner(NamedTuple):
    """Whose SKU it is: the product's (`variant_id` None), or that of one of its variants."""

    product_id: UUID
    variant_id: UUID | None


class _PriceCell(msgspec.Struct):
    variant_id: UUID | None
    currency: str
    base_price: str
    current_price: str
    min_price: str
    cost_price: str | None
    max_price: str | None
    own: list[PriceField]


class _VariantCell(msgspec.Struct):
    id: UUID
    sku: str
    name: str
    attributes: str


def _products_json(products: Sequence[ProductToWrite]) -> str:
    names = ("sku", "name", "description", "category_id", "seller_id", "is_active", "weight", "tags", "attributes")
    return json_literal(
        [{"id": product.id, **{name: getattr(product.draft, name) for name in names}} for product in products]
    )


def _record(row: Record) -> ProductRecord:
    cells = msgspec.json.decode(row["prices"] or "[]", type=list[_PriceCell])
    own = [_price(cell) for cell in cells if cell.variant_id is None]
    by_variant: dict[UUID, dict[str, PriceRecord]] = {}
    for cell in cells:
        if cell.variant_id is not None:
            by_variant.setdefault(cell.variant_id, {})[cell.currency] = _price(cell)
    variants = [
        VariantRecord(
            id=cell.id,
            sku=cell.sku,
            name=cell.name,
            attributes=parse_exact(cell.attributes),
            prices=[by_variant.get(cell.id, {}).get(price.currency, price) for price in own],
        )
        for cell in msgspec.json.decode(row["variants"] or "[]", type=list[_VariantCell])
    ]
    values = {name: value for name, value in row.items() if name not in ("prices", "variants", "attributes", "weight")}
    return ProductRecord(
        **values,
        attributes=parse_exact(row["attributes"]),
        weight=None if row["weight"] is None else _plain_number(row["weight"]),
        prices=own,
        variants=variants,
    )


def _plain_number(text: str) -> ExactNumber:
    return ExactNumber(decimal_text(scale_decimal(Decimal(text), FACTOR_PLACES), FACTOR_PLACES))


def _price(cell: _PriceCell) -> PriceRecord:
    def number(text: str | None) -> ExactNumber | None:
        return None if text is None else price_number(Decimal(text), cell.currency)

    return PriceRecord(
        currency=cell.currency,
        base_price=price_number(Decimal(cell.base_price), cell.currency),
        current_price=price_number(Decimal(cell.current_price), cell.currency),
        min_price=price_number(Decimal(cell.min_price), cell.currency),
        cost_price=number(cell.cost_price),
        max_price=number(cell.max_price),
        own=cell.own,
    )


async def read_product(connection: Connection, product_id: UUID) -> ProductRecord:
    """A product.

    Raises:
        NotFound: There is none.
    """
    found = await read_products(connection, [product_id])
    if not found:
        raise NotFound("There is no such product")
    return found[product_id]


@STATEMENTS.query(key="id", row=_record)
async def read_products(connection: Connection, product_ids: Sequence[UUID]) -> dict[UUID, ProductRecord]:
    """Those of the products that there are."""


@STATEMENTS.query()
async def lock_products(connection: Connection, product_ids: Sequence[UUID]) -> None:
    """Keep products from others until the transaction ends, prices and variants included."""


@STATEMENTS.query()
async def owners_of_skus(connection: Connection, skus: Iterable[str]) -> dict[str, SkuOwner]:
    """Whose SKUs these are; without those that nobody has."""


async def variants_ever(connection: Connection, product_ids: Sequence[UUID]) -> dict[UUID, dict[str, UUID]]:
    """The ids of all variants that the products have or had, by SKU."""
    found: dict[UUID, dict[str, UUID]] = {}
    for row in await connection.fetch(STATEMENTS["variants_ever"], product_ids):
        found.setdefault(row["product_id"], {})[row["sku"]] = row["id"]
    return found


@STATEMENTS.query()
async def set_change_reason(
    connection: Connection, reason: Reason, actor: str, *, source_id: str = "", note: str = ""
) -> None:
    """Say what moves prices from here to the end of the transaction: the price history will tell it."""


@STATEMENTS.query(arguments={"products": _products_json})
async def insert_products(
    connection: Connection, products: Sequence[ProductToWrite], author: str, at: datetime
) -> None:
    """Write new products, without variants and prices (`write_parts`).

    Raises:
        Conflict: A SKU is taken.
    """


@STATEMENTS.query(arguments={"products": _products_json})
async def update_products(connection: Connection, products: Sequence[ProductToWrite], author: str) -> None:
    """Write products again; as `insert_products`."""


async def write_parts(connection: Connection, products: Sequence[ProductToWrite]) -> None:
    """Write the variants and prices of products, and take away those that are no longer theirs.

    Raises:
        Conflict: A SKU is taken.
        Invalid: A price is past a bound.
    """
    product_ids = [product.id for product in products]
    variants = [
        {
            "id": product.variant_ids[variant.sku],
            "product_id": product.id,
            "sku": variant.sku,
            "name": variant.name,
            "attributes": variant.attributes,
            "place": place,
        }
        for product in products
        for place, variant in enumerate(product.draft.variants)
    ]
    prices = [_price_json(product, place) for product in products for place in range(len(product.rows))]
    items = [price["variant_id"] or price["product_id"] for price in prices]
    await connection.execute(STATEMENTS["remove_prices"], product_ids, items, [price["currency"] for price in prices])
    await connection.execute(STATEMENTS["remove_variants"], product_ids, [variant["id"] for variant in variants])
    if variants:
        await connection.execute(STATEMENTS["write_variants"], json_literal(variants))
    if prices:
        await connection.execute(STATEMENTS["write_prices"], json_literal(prices))


@STATEMENTS.query()
async def deactivate_product(connection: Connection, product_id: UUID, author: str) -> None:
    """Switch a product off."""


def _price_json(product: ProductToWrite, place: int) -> dict[str, Any]:
    row = product.rows[place]
    return {
        "product_id": product.id,
        "variant_id": None if row.sku is None else product.variant_ids[row.sku],
        **{name: value for name, value in row._asdict().items() if name != "sku"},
    }


@STATEMENTS.query()
async def read_sellers(connection: Connection, product_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The sellers of those of the products that have one."""
