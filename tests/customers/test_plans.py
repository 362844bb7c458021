"""How PostgreSQL finds a page of customers among many: by an index, whatever is asked.

Source: docs/spec/customers.md#lists.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest

from quote_service.shop.customers.tables.customers import CustomerFilter, Place, statement_of

CUSTOMERS = 10_000
MIDDLE = UUID(int=2**127)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FILLED = f"""
INSERT INTO customers (
    id, external_ref, email, tier, segments, is_active, created_by, created_at, changed_by, updated_at
)
SELECT gen_random_uuid(), 'C-' || n, n || '@example.com', CASE WHEN n % 10 = 0 THEN 'tier ' || n % 100 END,
    CASE WHEN n % 100 = 0 THEN ARRAY['segment ' || n % 1000] ELSE '{{}}' END, n % 500 > 0, 'test', now(), 'test', now()
FROM generate_series(1, {CUSTOMERS}) AS n;
"""
CASES: dict[str, tuple[CustomerFilter, Place | None]] = {
    "first page": (CustomerFilter(), None),
    "deep page": (CustomerFilter(), Place(MIDDLE)),
    "tier": (CustomerFilter(tier="tier 10"), Place(MIDDLE)),
    "segment": (CustomerFilter(segment="segment 100"), None),
    "inactive": (CustomerFilter(is_active=False), None),
    "reference": (CustomerFilter(external_ref="C-5000"), None),
    "address": (CustomerFilter(email="5000@example.com"), None),
    "changed": (CustomerFilter(updated_after=LONG_AGO), None),
    "changed, deep": (CustomerFilter(updated_after=LONG_AGO), Place(MIDDLE, LONG_AGO)),
    "changed, of a tier": (CustomerFilter(tier="tier 10", updated_after=LONG_AGO), None),
}


@pytest.mark.parametrize("name", CASES)
async def test_no_page_reads_every_customer(database_url: str, name: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        if not await connection.fetchval("SELECT EXISTS (SELECT 1 FROM customers)"):
            await connection.execute(FILLED)
            await connection.execute("VACUUM ANALYZE customers")
        await connection.execute("SET plan_cache_mode = force_custom_plan")
        statement, arguments = statement_of(*CASES[name], 51)
        plan = [row[0] for row in await connection.fetch(f"EXPLAIN {statement}", *arguments)]
        assert not [line for line in plan if "Seq Scan" in line], "\n".join(plan)
    finally:
        await connection.close()
