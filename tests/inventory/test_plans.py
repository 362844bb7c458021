"""How PostgreSQL finds a page of stock among many items: by an index, whatever is asked.

Source: docs/spec/inventory.md#levels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from quote_service.platform.postgres.listed_rows import Place, Wanted
from quote_service.shop.inventory.tables import stock
from quote_service.shop.inventory.tables.movements import MOVEMENT_ROWS

ITEMS = 10_000
STOCK = stock.STATEMENTS
MIDDLE = UUID(int=2**127)
FILLED = f"""
INSERT INTO products (id, sku, name, created_by, created_at, changed_by, updated_at)
SELECT gen_random_uuid(), 'PLAN-' || n, 'shoe', 'test', now(), 'test', now() FROM generate_series(1, {ITEMS}) AS n;
"""
STOCKED = """
INSERT INTO inventory (product_id, quantity, low_threshold)
SELECT id, 1 + row_number() OVER () % 500, 5 FROM products WHERE sku LIKE 'PLAN-%' ON CONFLICT DO NOTHING
"""
CASES: dict[str, tuple[str, Sequence[Any]]] = {
    "first page": stock.STOCK_ROWS.statement(Wanted({})),
    "deep page": stock.STOCK_ROWS.statement(Wanted({}, place=Place((MIDDLE,)))),
    "low": stock.STOCK_ROWS.statement(Wanted({"level": "low"})),
    "high, deep": stock.STOCK_ROWS.statement(Wanted({"level": "high"}, place=Place((MIDDLE,)))),
    "of a product": stock.STOCK_ROWS.statement(Wanted({"product_id": MIDDLE})),
    "one": (STOCK["stock"], (MIDDLE, None)),
    "how many are low": (STOCK["count_of_level"], ("low",)),
    "movements": MOVEMENT_ROWS.statement(Wanted({"product_id": MIDDLE})),
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
