"""How PostgreSQL finds a page of price decisions among many: by an index, whatever is asked.

Source: docs/spec/price-decisions.md#decisions.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
import pytest

from quote_service.intelligence.price_decisions.tables import decisions

DECISIONS = 30_000
PAGE = decisions.STATEMENTS["page_of_decisions"]
MIDDLE = UUID("00000000-0000-7000-8000-000000003a98")
PRODUCT = UUID("90000000-0000-8000-8000-000000000007")
RUN = UUID("91000000-0000-8000-8000-000000000003")
# Few of them are no policy's: 30 of people, 10 of experiments, the oldest of all.
FILLED = f"""
INSERT INTO products (id, sku, name, created_by, created_at, changed_by, updated_at)
SELECT ('90000000-0000-8000-8000-' || lpad(n::text, 12, '0'))::uuid, 'PLAN-' || n, 'Plan ' || n, 'test', now(), 'test', now()
FROM generate_series(0, 299) AS n;
INSERT INTO price_decisions (id, product_id, currency, exponent, mode, origin, state, run_id, current_minor, lowest_margin_bp,
    highest_margin_bp, step_bp, day_bp, cumulative_bp, details, created_by, created_at)
SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
    ('90000000-0000-8000-8000-' || lpad((n % 300)::text, 12, '0'))::uuid, 'TRY', 2, 'auto',
    CASE WHEN n <= 10 THEN 'experiment' WHEN n % 1000 = 0 THEN 'person' ELSE 'loop' END, 'unchanged',
    ('91000000-0000-8000-8000-' || lpad((n / 300)::text, 12, '0'))::uuid, 100, 0, 10000, 0, 0, 0, '{{}}', 'test',
    '2026-01-01'::timestamptz + n * interval '1 minute'
FROM generate_series(1, {DECISIONS}) AS n;
"""
_NOTHING: dict[str, Any] = dict.fromkeys(
    ("product_id", "currency", "state", "mode", "origin", "run_id", "since", "until", "before")
)
CASES: dict[str, dict[str, Any]] = {
    "first page": {},
    "deep page": {"before": MIDDLE},
    "of a product": {"product_id": PRODUCT},
    "of people": {"origin": "person"},
    "of experiments, deep": {"origin": "experiment", "before": MIDDLE},
    "of nobody": {"origin": "roll_back"},
    "held": {"state": "held"},
    "of a mode that is none": {"mode": "shadow"},
    "of a run": {"run_id": RUN},
}


@pytest.mark.parametrize("name", CASES)
async def test_no_page_reads_more_than_it_shows(database_url: str, name: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        if not await connection.fetchval("SELECT EXISTS (SELECT 1 FROM products WHERE sku = 'PLAN-1')"):
            async with connection.transaction():
                await connection.execute(FILLED)
            await connection.execute("VACUUM ANALYZE price_decisions")
        await connection.execute("SET plan_cache_mode = force_custom_plan")
        arguments = (*(_NOTHING | CASES[name]).values(), 51)
        plan = [row[0] for row in await connection.fetch(f"EXPLAIN (ANALYZE, TIMING OFF) {PAGE}", *arguments)]
        removed = [int(line.rpartition(" ")[2]) for line in plan if "Rows Removed" in line]
        assert sum(removed) <= 1000, "\n".join(plan)
        assert not [line for line in plan if "Seq Scan" in line], "\n".join(plan)
    finally:
        await connection.close()
