"""Pages and searches among a million products: PostgreSQL's own time for each.

    python -m loadtests.bench.catalog --products 1000000

Source: docs/spec/catalog.md#lists-and-search.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import asyncpg

from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.platform.postgres.migrate import migrate
from quote_service.shop.catalog.tables.product_pages import Place, ProductFilter, statement_of

CATEGORY_IDS = [UUID(int=(1 << 64) + place) for place in range(200)]
SELLER_IDS = [UUID(int=(2 << 64) + place) for place in range(1000)]
_WORDS = "shoe boot jacket lamp table chair phone cable bottle towel shirt scarf glove watch radio kettle spoon carpet".split()
_BATCH = 20_000
# A spread of everything that plans depend on: common words and rare ones, a few products that are not sold.
_INSERT = """
INSERT INTO products (
    id, sku, name, category_id, seller_id, is_active, tags, created_by, created_at, changed_by, updated_at
)
SELECT
    (lpad(to_hex(n::bigint * 4294967296), 16, '0') || substr(md5(n::text), 1, 16))::uuid, 'BENCH-' || n,
    ($3::text[])[1 + n % cardinality($3::text[])] || ' ' || ($3::text[])[1 + n / 7 % cardinality($3::text[])]
        || ' model' || translate((n % 5000)::text, '0123456789', 'abcdefghij'),
    ($4::uuid[])[1 + n % cardinality($4::uuid[])], ($5::uuid[])[1 + n % cardinality($5::uuid[])], n % 100 <> 0,
    ARRAY['tag' || translate((n % 300)::text, '0123456789', 'abcdefghij')], 'bench', clock_timestamp(), 'bench',
    clock_timestamp()
FROM generate_series($1::integer, $2::integer) AS n
"""
_PRICES = """
INSERT INTO product_prices (product_id, currency, base_price, current_price, min_price)
SELECT (lpad(to_hex(n::bigint * 4294967296), 16, '0') || substr(md5(n::text), 1, 16))::uuid, 'TRY', price, price, 1
FROM generate_series($1::integer, $2::integer) AS n, LATERAL (SELECT 1 + n * 7919::bigint % 100000 / 100.0 AS price) AS p
"""
_TREE = """
INSERT INTO categories (id, name, created_by, created_at, changed_by, updated_at)
SELECT id, 'category ' || id, 'bench', now(), 'bench', now() FROM unnest($1::uuid[]) AS id
"""
_SELLERS = """
INSERT INTO sellers (id, name, created_by, created_at, changed_by, updated_at)
SELECT id, 'seller', 'bench', now(), 'bench', now() FROM unnest($1::uuid[]) AS id
"""


async def fill_catalog(url: str, products: int) -> None:
    """Fill an empty migrated catalog with so many products, each sold in TRY."""
    connection = await asyncpg.connect(url)
    await connection.execute(_TREE, CATEGORY_IDS)
    await connection.execute(_SELLERS, SELLER_IDS)
    for first in range(0, products, _BATCH):
        last = min(first + _BATCH, products) - 1
        async with connection.transaction():
            await connection.execute(_INSERT, first, last, _WORDS, CATEGORY_IDS, SELLER_IDS)
            await connection.execute(_PRICES, first, last)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


def questions(products: int) -> dict[str, tuple[ProductFilter, Place | None]]:
    """What shops ask."""
    middle = Place(UUID(int=(products // 2) << 96))
    hour = datetime.now(UTC) - timedelta(hours=1)
    return {
        "first page": (ProductFilter(), None),
        "page in the middle": (ProductFilter(), middle),
        "category": (ProductFilter(category_id=CATEGORY_IDS[7]), middle),
        "seller, active": (ProductFilter(seller_id=SELLER_IDS[7], is_active=True), None),
        "price range": (ProductFilter(currency="TRY", price_from=Decimal(500), price_to=Decimal(501)), None),
        "category and price range": (
            ProductFilter(category_id=CATEGORY_IDS[7], currency="TRY", price_from=Decimal(500), price_to=Decimal(510)),
            None,
        ),
        "updated": (ProductFilter(updated_after=hour), None),
        "common word": (ProductFilter(text="shoe"), None),
        "two common words": (ProductFilter(text="shoe boot"), None),
        "rare word": (ProductFilter(text="modelabc"), None),
        "SKU by its beginning": (ProductFilter(text=f"bench {products - 5}"), None),
        "word and category": (ProductFilter(text="shoe", category_id=CATEGORY_IDS[7]), None),
        "word and price range": (
            ProductFilter(text="shoe", currency="TRY", price_from=Decimal(500), price_to=Decimal(501)),
            None,
        ),
    }


async def measure(url: str, products: int, repeats: int) -> None:
    """Print planning and execution of each question in milliseconds, the median of so many."""
    connection = await asyncpg.connect(url)
    await connection.execute("SET plan_cache_mode = force_custom_plan; SET jit = off")
    for name, question in questions(products).items():
        statement, arguments = statement_of(*question, 51)
        times = []
        for _ in range(repeats):
            reported = json.loads(await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT json) {statement}", *arguments))[
                0
            ]
            times.append(reported["Planning Time"] + reported["Execution Time"])
        print(f"{name:28} {statistics.median(times):8.2f} ms   worst {max(times):8.2f} ms", flush=True)
    await connection.close()


def main() -> None:
    """Fill a PostgreSQL of its own, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=9)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="quote-bench-") as folder:
        Path(folder).chmod(0o755)
        server = PostgresServer(Path(folder) / "postgres", durable=False)
        server.start()
        try:
            asyncio.run(migrate(server.url))
            began = time.monotonic()
            asyncio.run(fill_catalog(server.url, given.products))
            print(f"{given.products} products in {time.monotonic() - began:.0f} s")
            asyncio.run(measure(server.url, given.products, given.repeats))
        finally:
            server.discard()


if __name__ == "__main__":
    main()
