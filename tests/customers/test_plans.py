"""How PostgreSQL finds a page of customers among many: by an index, whatever is asked.

Source: docs/spec/customers.md#lists.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest

from quote_service.platform.postgres.listed_rows import Place, Wanted
from quote_service.shop.customers.operations.customers import CUSTOMERS as RESOURCE

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
_DEEP, _CHANGED = Place((MIDDLE,)), {"updated_after": LONG_AGO}
CASES: dict[str, Wanted] = {
    "first page": Wanted({}),
    "deep page": Wanted({}, place=_DEEP),
    "tier": Wanted({"tier": "tier 10"}, place=_DEEP),
    "segment": Wanted({"segment": "segment 100"}),
    "inactive": Wanted({"is_active": False}),
    "reference": Wanted({"external_ref": "C-5000"}),
    "address": Wanted({"email": "5000@Example.com"}),
    "changed": Wanted(_CHANGED, sort="updated_at"),
    "changed, deep": Wanted(_CHANGED, sort="updated_at", place=Place((LONG_AGO, MIDDLE))),
    "changed, of a tier": Wanted({**_CHANGED, "tier": "tier 10"}, sort="updated_at"),
    "a word": Wanted({}, search="C-5000"),
    "two words": Wanted({}, search="5000 @example"),
}


@pytest.mark.parametrize("name", CASES)
async def test_no_page_reads_every_customer(database_url: str, name: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        if not await connection.fetchval("SELECT EXISTS (SELECT 1 FROM customers)"):
            await connection.execute(FILLED)
            await connection.execute("VACUUM ANALYZE customers")
        await connection.execute("SET plan_cache_mode = force_custom_plan")
        statement, arguments = RESOURCE.rows.statement(CASES[name])
        plan = [row[0] for row in await connection.fetch(f"EXPLAIN {statement}", *arguments)]
        assert not [line for line in plan if "Seq Scan" in line], "\n".join(plan)
    finally:
        await connection.close()
