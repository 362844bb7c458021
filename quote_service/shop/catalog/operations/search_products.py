"""Find products by filters and words.

Source: docs/spec/catalog.md#lists-and-search.
"""

from uuid import UUID

from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.errors import Invalid
from quote_service.shop.catalog.model.products import ProductRecord
from quote_service.shop.catalog.model.spelling import nearest_word
from quote_service.shop.catalog.tables.product_pages import (
    Place,
    ProductFilter,
    page_of_products,
    unknown_words,
    words_alike,
    words_of,
)
from quote_service.shop.catalog.tables.products import read_products


async def search_products(
    database: Database, wanted: ProductFilter, *, after: Place | None, limit: int
) -> list[tuple[Place, ProductRecord]]:
    """Up to `limit` products that pass the filter, from behind `after`; a word that nobody has is read as its nearest.

    Raises:
        Invalid: The text has no word.
    """
    if wanted.ids is not None:
        return await _named(database, wanted.ids, wanted.is_active, after=after, limit=limit)
    async with database.snapshot() as connection:
        if wanted.text is not None:
            wanted = wanted._replace(text=await _meant(connection, wanted.text))
        places = await page_of_products(connection, wanted, after=after, limit=limit)
        records = await read_products(connection, [place.id for place in places])
    return [(place, records[place.id]) for place in places]


async def _named(
    database: Database, ids: tuple[UUID, ...], is_active: bool | None, *, after: Place | None, limit: int
) -> list[tuple[Place, ProductRecord]]:
    async with database.read() as connection:
        records = await read_products(connection, ids)
    found = (records[each] for each in sorted(records) if after is None or each > after.id)
    rows = [(Place(each.id), each) for each in found if is_active in (None, each.is_active)]
    return rows[:limit]


async def _meant(connection: Connection, text: str) -> str:
    words = await words_of(connection, text)
    if not words:
        raise Invalid.at("/query/q", "has neither letters nor digits")
    corrected = {word: word for word in words}
    for word in await unknown_words(connection, words):
        corrected[word] = nearest_word(word, await words_alike(connection, word)) or word
    return " ".join(corrected.values())
