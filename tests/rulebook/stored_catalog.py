"""The catalog as plain SQL shows it, to compare with what is followed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from quote_service.platform.postgres.pool import Connection, Database
from quote_service.pricing.catalog.product_price import ProductPrice
from quote_service.rulebook.snapshot.operations.refresh_rulebook import is_current, refresh_rulebook
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from quote_service.rulebook.snapshot.tables.moment import read_moment

Key = tuple[str, str | None, str]


class Follower:
    """A worker's rulebook, followed step by step as the watch does it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.holder = RulebookHolder()

    async def is_current(self) -> bool:
        async with self.database.read() as connection:
            moment = await read_moment(connection)
        return await is_current(self.database, self.holder, moment)

    async def refresh(self) -> None:
        await refresh_rulebook(self.database, self.holder)

    @property
    def catalog(self) -> Any:
        assert self.holder.rulebook is not None
        return self.holder.rulebook.catalog

    def price(self, product_id: str, variant_id: str | None = None, currency: str = "EUR") -> int | None:
        found = self.catalog.find(product_id, variant_id, currency)
        return None if found is None else found.current_micro

    async def differences(self) -> list[Any]:
        """What is held otherwise than the tables say; empty as it should be."""
        async with self.database.snapshot() as connection:
            reported, products = await stored_prices(connection), await stored_products(connection)
        return [
            *(
                (key, price, self.catalog.find(*key))
                for key, price in reported.items()
                if self.catalog.find(*key) != price
            ),
            *(product for product in products if not self.catalog.knows(product)),
            *([] if self.count() == len(reported) else [("rows", self.count(), len(reported))]),
        ]

    def count(self) -> int:
        """How many prices are held; all products of these tests have one."""
        return self.holder.prices


async def stored_products(connection: Connection) -> list[str]:
    return [row[0] for row in await connection.fetch("SELECT id::text FROM products")]


async def stored_prices(connection: Connection) -> dict[Key, ProductPrice]:
    """Every price that can be asked for, by product, variant and currency."""
    of_products = await connection.fetch(
        "SELECT p.id::text, NULL AS variant, c.currency, p.category_id::text, p.seller_id::text, p.tags, p.weight, p.is_active,"
        " c.current_price, c.min_price, c.max_price, c.cost_price"
        " FROM products p JOIN product_prices c ON c.product_id = p.id WHERE c.variant_id IS NULL"
    )
    prices: dict[Key, ProductPrice] = {(row[0], None, row[2]): _price(row) for row in of_products}
    of_variants = await connection.fetch(
        "SELECT p.id::text, v.id::text, c.currency, p.category_id::text, p.seller_id::text, p.tags, p.weight, p.is_active,"
        " c.current_price, c.min_price, c.max_price, c.cost_price"
        " FROM products p JOIN product_prices c ON c.product_id = p.id JOIN product_variants v ON v.id = c.variant_id"
        " WHERE v.place IS NOT NULL"
    )
    own = {(row[0], row[1], row[2]): _price(row) for row in of_variants}
    for product, variant in await connection.fetch(
        "SELECT product_id::text, id::text FROM product_variants WHERE place IS NOT NULL"
    ):
        for (owner, other, currency), price in list(prices.items()):
            if owner == product and other is None:
                followed = ProductPrice(product, variant, *(getattr(price, name) for name in _SHARED))
                prices[product, variant, currency] = own.get((product, variant, currency), followed)
    return prices


_SHARED = ProductPrice.__struct_fields__[2:]


def _price(row: Any) -> ProductPrice:
    product, variant, currency, category, seller, tags, weight, is_active, *amounts = row
    pico = None if weight is None else int(weight * 10**12)
    return ProductPrice(
        product, variant, currency, category, seller, tuple(tags), pico, is_active, *(_micro(each) for each in amounts)
    )


def _micro(amount: Decimal | None) -> Any:
    return None if amount is None else int(amount * 10**6)


async def add_product(connection: Connection, product_id: str, price: str = "10", currency: str = "EUR") -> str:
    """A product with one price, in plain SQL."""
    await connection.execute(
        "INSERT INTO products (id, sku, name, created_by, created_at, changed_by, updated_at)"
        " VALUES ($1::uuid, $1::uuid::text, 'shoe', 'test', now(), 'test', now())",
        product_id,
    )
    await add_price(connection, product_id, price, currency)
    return product_id


async def add_price(connection: Connection, product_id: str, price: str, currency: str) -> None:
    await connection.execute(
        "INSERT INTO product_prices (product_id, currency, base_price, current_price, min_price)"
        " VALUES ($1, $2, $3::numeric, $3, 0)",
        product_id,
        currency,
        Decimal(price),
    )


async def move_price(connection: Connection, product_id: str, price: str) -> None:
    await connection.execute(
        "UPDATE product_prices SET current_price = $2 WHERE item_id = $1", product_id, Decimal(price)
    )
