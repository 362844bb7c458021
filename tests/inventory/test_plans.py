"""How PostgreSQL finds a page of stock among many items: by an index, whatever is asked.

Source: docs/spec/inventory.md#levels.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
import pytest

from quote_service.shop.inventory.tables import movements, stock

ITEMS = 10_000
STOCK = stock.STATEMENTS
MOVEMENTS = movements.STATEMENTS
MIDDLE = UUID(int=2**127)
FILLED = f"""
INSERT INTO products (id, sku, name, created_by, created_at, changed_by, updated_at)
SELECT gen_random_uuid(), 'PLAN-' || n, 'shoe', 'test', now(), 'test', now() FROM generate_series(1, {ITEMS}) AS n;
"""
STOCKED = """
INSERT INTO inventory (product_id, quantity, low_threshold)
SELECT id, 1 + row_number() OVER () % 500, 5 FROM products WHERE sku LIKE 'PLAN-%' ON CONFLICT DO NOTHING
"""
CASES: dict[str, tuple[str, tuple[Any, ...]]] = {
    "first page": (STOCK["page_of_stock"], (None, 51)),
    "deep page": (STOCK["page_of_stock"], (MIDDLE, 51)),
    "low": (STOCK["page_of_level"], (None, 51, "low")),
    "high, deep": (STOCK["page_of_level"], (MIDDLE, 51, "high")),
    "of a product": (STOCK["page_of_product"], (None, 51, MIDDLE, None)),
    "one": (STOCK["stock"], (MIDDLE, None)),
    "how many are low": (STOCK["count_of_level"], ("low",)),
    "movements": (MOVEMENTS["page_of_movements"], (MIDDLE, None, None, 51)),
}


@pytest.mark.parametrize("name", CASES)
async def test_no_page_reads_every_item(database_url: str, name: str) -> None:
    connection = await asyncpg.connect(database_url)
    if not await connection.fetchval("SELECT EXISTS (SELECT 1 FROM inventory)"):
        await connection.execute(FILLED)
        await connection.execute(STOCKED)
        await connection.execute("VACUUM ANALYZE")
    statement, arguments = CASES[name]
    plan = [row[0] for row in await connection.fetch(f"EXPLAIN {statement}", *arguments)]
    assert not [line for line in plan if "Seq Scan on inventory" in line or "Seq Scan on products" in line], "\n".join(
        plan
    )
    await connection.close()
