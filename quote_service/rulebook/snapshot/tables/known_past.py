"""What the database knew at an instant of the past: versions, prices, stock, demand, and sales that were on.

Source: docs/spec/quotes.md#as-it-was-known.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from asyncpg import Record

from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.records import record_of
from quote_service.pricing.basket import Basket
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.price_rows import NO_CURRENCY
from quote_service.pricing.catalog.product_price import ProductPrice
from quote_service.pricing.sales.sale_price import SalePrice
from quote_service.rulebook.snapshot.model.past_scene import PastFigures, Places
from quote_service.rulebook.snapshot.model.position import Asked

_PICO_IN_MICRO = 1_000_000

STATEMENTS = Statements(__file__, "known_past")
_PRODUCTS, _STOCK, _DEMAND, _SALES = (STATEMENTS[name] for name in ("products", "stock", "demand", "sales"))


class KnownVersions(NamedTuple):
    """The version that counted at an instant, None before the first one; and the first that is kept."""

    counted: int | None
    first: int


async def read_known_versions(connection: Connection, known_us: int) -> KnownVersions:
    """Which version of the rulebook counted at an instant."""
    row = await connection.fetchrow(STATEMENTS["versions"], known_us, from_micros(known_us))
    assert row is not None  # a query of scalars alone answers with one row
    return KnownVersions(*row)


async def read_past_prices(connection: Connection, basket: Basket, known: datetime) -> list[ProductPrice]:
    """The products of a basket as they were priced at an instant.

    What of a product has no history is as it is now: category, seller, tags, weight, bounds, and whether it is sold.

    Args:
        connection: To read with.
        basket: Whose products and variants are read.
        known: The instant.
    """
    variants = [item for item in basket.items if item.variant_id]
    of_variants = [UUID(item.product_id) for item in variants], [UUID(item.variant_id) for item in variants]
    rows = await connection.fetch(_PRODUCTS, _products_of(basket), *of_variants, basket.currency, known)
    # A variant without a price is one that nobody can buy; a product without one is known all the same.
    return [
        _price(row, basket.currency) for row in rows if row["variant_id"] is None or row["current_micro"] is not None
    ]


async def read_past_figures(connection: Connection, basket: Basket, asked: Asked, known: datetime) -> PastFigures:
    """Stock and demand of a basket's products at an instant.

    Args:
        connection: To read with.
        basket: Whose products are looked at.
        asked: Whether stock is wanted, and the hours of demand.
        known: The instant.
    """
    products = _products_of(basket)
    stock: dict[str, int] = {}
    if asked.stock:
        stock = {row[0]: row[1] for row in await connection.fetch(_STOCK, products, known)}
    demand: dict[tuple[str, int], int] = {}
    for hours in sorted(asked.demand_hours):
        counted = await connection.fetch(_DEMAND, products, known, hours)
        demand.update(((product_id, hours), units) for product_id, units in counted)
    return PastFigures(stock, demand)


async def read_places(connection: Connection, sellers: Iterable[str]) -> Places:
    """The tree of categories, and where some sellers are: both as they are now."""
    regions = await connection.fetch(STATEMENTS["seller_regions"], [UUID(seller) for seller in sellers])
    parents = await connection.fetch(STATEMENTS["categories"])
    return Places({row[0]: row[1] for row in parents}, {row[0]: row[1] for row in regions})


async def read_past_catalog(connection: Connection, basket: Basket, asked: Asked, known: datetime) -> CatalogSnapshot:
    """The catalog as a basket saw it at an instant; arguments as of `read_past_prices` and `read_past_figures`."""
    prices = await read_past_prices(connection, basket, known)
    figures = await read_past_figures(connection, basket, asked, known)
    sellers = {basket.seller_id, *(item.seller_id for item in basket.items), *(price.seller_id for price in prices)}
    places = await read_places(connection, (seller for seller in sellers if seller))
    return CatalogSnapshot(
        prices,
        figures.stock,
        figures.demand,
        parents=places.parents,
        demand_hours=asked.demand_hours,
        seller_regions=places.seller_regions,
    )


def _products_of(basket: Basket) -> list[UUID]:
    return sorted({UUID(item.product_id) for item in basket.items})


async def read_past_sales(
    connection: Connection, product_ids: Iterable[str], at: datetime, known: datetime
) -> dict[str, SalePrice]:
    """What was on sale of some products at an instant, by what was known at another; by product."""
    rows = await connection.fetch(_SALES, [UUID(product_id) for product_id in product_ids], at, known)
    return {
        row["product_id"]: record_of(
            SalePrice,
            row,
            item_id=row["id"],
            price_micro=row["sale_price_minor"] * 10 ** (6 - EXPONENTS[row["currency"]]),
        )
        for row in rows
        if row["currency"] in EXPONENTS
    }


def _price(row: Record, currency: str) -> ProductPrice:
    """A product without a price at the instant is known, and not sold in the currency."""
    current, weight = _number(row["current_micro"]), _number(row["weight_micro"])
    return ProductPrice(
        row["product_id"],
        row["variant_id"],
        NO_CURRENCY if current is None else currency,
        row["category_id"],
        row["seller_id"],
        tuple(row["tags"]),
        None if weight is None else weight * _PICO_IN_MICRO,
        row["is_active"],
        current or 0,
        _number(row["min_micro"]) or 0,
        _number(row["max_micro"]),
        _number(row["cost_micro"]),
    )


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)
