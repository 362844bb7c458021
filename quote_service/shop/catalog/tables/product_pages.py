"""Which products a page of the list has.

Source: docs/spec/catalog.md#lists-and-search.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "product_pages")


class ProductFilter(NamedTuple):
    """What to look for; None looks for all. `text` is searched; a price range needs its `currency`.

    `ids` names products, and goes with `is_active` alone.
    """

    category_id: UUID | None = None
    seller_id: UUID | None = None
    is_active: bool | None = None
    text: str | None = None
    sku: str | None = None
    currency: str | None = None
    price_from: Decimal | None = None
    price_to: Decimal | None = None
    updated_after: datetime | None = None
    ids: tuple[UUID, ...] | None = None


class Place(NamedTuple):
    """Where a product stands in a list: by price, by its last change, or by id alone."""

    id: UUID
    price: Decimal | None = None
    updated_at: datetime | None = None


def statement_of(wanted: ProductFilter, after: Place | None, limit: int) -> tuple[str, list[Any]]:
    """The statement and its arguments: by price where a price range is wanted, else by change where that is, else by id."""
    arguments: list[Any] = [
        wanted.category_id,
        wanted.seller_id,
        wanted.is_active,
        wanted.text,
        wanted.sku,
        wanted.currency,
        None if after is None else after.id,
        limit,
    ]
    if wanted.price_from is not None or wanted.price_to is not None:
        price = None if after is None else after.price
        return STATEMENTS["page_by_price"], [
            *arguments,
            wanted.updated_after,
            wanted.price_from,
            wanted.price_to,
            price,
        ]
    if wanted.updated_after is not None:
        return STATEMENTS["page_by_update"], [
            *arguments,
            wanted.updated_after,
            None if after is None else after.updated_at,
        ]
    return STATEMENTS["page_by_id"] if wanted.currency is None else STATEMENTS["page_by_currency"], arguments


async def page_of_products(
    connection: Connection, wanted: ProductFilter, *, after: Place | None, limit: int
) -> list[Place]:
    """Up to `limit` products that pass the filter, from behind `after`. To be asked within a transaction."""
    await connection.execute(STATEMENTS["plan_for_values"])
    statement, arguments = statement_of(wanted, after, limit)
    rows = await connection.fetch(statement, *arguments)
    return [
        Place(row["id"], None if row["price"] is None else Decimal(row["price"]), row["updated_at"]) for row in rows
    ]


@STATEMENTS.query()
async def page_of_ids(connection: Connection, *, after: UUID, limit: int) -> list[UUID]:
    """Up to `limit` ids of products, in order from behind `after`."""


async def words_of(connection: Connection, text: str) -> list[str]:
    """The words of a text as they are searched: folded, each once."""
    found: list[str] = await connection.fetchval(STATEMENTS["words_of"], text)
    return found


@STATEMENTS.query()
async def unknown_words(connection: Connection, words: list[str]) -> list[str]:
    """Those of the words that no product has, not even as the beginning of one; codes with digits are left out."""


@STATEMENTS.query()
async def words_alike(connection: Connection, word: str) -> list[str]:
    """Words of products that are like this one; none on a server without pg_trgm."""
