"""How PostgreSQL finds a page of price decisions among many: by an index, whatever is asked.

Source: docs/spec/price-decisions.md#decisions.
"""

from __future__ import annotations

from uuid import UUID

import asyncpg
import pytest

from quote_service.intelligence.price_decisions.tables.decisions import DECISION_ROWS
from quote_service.platform.postgres.listed_rows import Place, Wanted

DECISIONS = 30_000
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
CASES: dict[str, Wanted] = {
    "first page": Wanted({}),
    "deep page": Wanted({}, place=Place((MIDDLE,))),
    "of a product": Wanted({"product_id": PRODUCT}),
    "of people": Wanted({"origin": "person"}),
    "of experiments, deep": Wanted({"origin": "experiment"}, place=Place((MIDDLE,))),
    "of nobody": Wanted({"origin": "roll_back"}),
    "held": Wanted({"state": "held"}),
    "of a mode that is none": Wanted({"mode": "shadow"}),
    "of a run": Wanted({"run_id": RUN}),
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
        statement, arguments = DECISION_ROWS.statement(CASES[name])
        plan = [row[0] for row in await connection.fetch(f"EXPLAIN (ANALYZE, TIMING OFF) {statement}", *arguments)]
        removed = [int(line.rpartition(" ")[2]) for line in plan if "Rows Removed" in line]
        assert sum(removed) <= 1000, "\n".join(plan)
        assert not [line for line in plan if "Seq Scan" in line], "\n".join(plan)
    finally:
        await connection.close()
