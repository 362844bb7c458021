"""How PostgreSQL finds a page among many products: by an index, whatever is asked.

Source: docs/spec/catalog.md#lists-and-search.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from loadtests.bench.catalog import CATEGORY_IDS, SELLER_IDS, fill_catalog
from quote_service.platform.postgres.pool import Database
from quote_service.shop.catalog.tables.product_pages import Place, ProductFilter, statement_of, words_alike

PRODUCTS = 10_000


@pytest.fixture(scope="module")
def filled(database_url: str) -> str:
    # On a thread of its own: fixtures are called within a running loop too.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, fill_catalog(database_url, PRODUCTS)).result()
    return database_url


LATER = datetime.now(UTC) - timedelta(days=1)
CASES: dict[str, tuple[ProductFilter, Place | None]] = {
    "first page": (ProductFilter(), None),
    "deep page": (ProductFilter(), Place(UUID(int=2**127))),
    "category": (ProductFilter(category_id=CATEGORY_IDS[3]), None),
    "seller": (ProductFilter(seller_id=SELLER_IDS[3]), Place(UUID(int=2**100))),
    "active": (ProductFilter(is_active=True), None),
    "not active": (ProductFilter(is_active=False), None),
    "sku": (ProductFilter(sku="BENCH-77"), None),
    "unknown sku": (ProductFilter(sku="none"), None),
    "rare word": (ProductFilter(text="bench 77"), None),
    "common word": (ProductFilter(text="shoe"), None),
    "no such word": (ProductFilter(text="zzzzzz"), None),
    "word and category": (ProductFilter(text="shoe", category_id=CATEGORY_IDS[0]), None),
    "updated": (ProductFilter(updated_after=LATER), None),
    "updated, deep": (ProductFilter(updated_after=LATER), Place(uuid4(), None, datetime.now(UTC))),
    "price range": (ProductFilter(currency="TRY", price_from=Decimal(20), price_to=Decimal(30)), None),
    "price range, deep": (ProductFilter(currency="TRY", price_from=Decimal(20)), Place(uuid4(), Decimal(25))),
    "price range and category": (
        ProductFilter(currency="TRY", price_to=Decimal(30), category_id=CATEGORY_IDS[1]),
        None,
    ),
    "price range and word": (ProductFilter(currency="TRY", price_to=Decimal(30), text="shoe"), None),
    "currency": (ProductFilter(currency="TRY"), None),
    "currency and category": (ProductFilter(currency="TRY", category_id=CATEGORY_IDS[1]), Place(UUID(int=2**100))),
    "currency, updated": (ProductFilter(currency="TRY", updated_after=LATER), None),
    "unknown currency": (ProductFilter(currency="KWD"), None),
}


@pytest.mark.parametrize("name", CASES)
async def test_no_page_reads_every_product(database: Database, filled: str, name: str) -> None:
    assert filled
    statement, arguments = statement_of(*CASES[name], 51)
    async with database.read() as connection:
        plan = [row[0] for row in await connection.fetch(f"EXPLAIN {statement}", *arguments)]
    assert not [line for line in plan if "Seq Scan" in line], "\n".join(plan)


async def test_a_word_alike_is_found_by_an_index(database: Database, filled: str) -> None:
    assert filled
    async with database.read() as connection:
        assert "shoe" in await words_alike(connection, "shoee")
        plan = [
            row[0] for row in await connection.fetch("EXPLAIN SELECT word FROM product_words ORDER BY word <-> 'x'")
        ]
    assert [line for line in plan if "product_words_alike" in line], "\n".join(plan)
