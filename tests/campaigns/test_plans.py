"""How PostgreSQL finds campaigns, and what they have sold, among many: by an index, whatever is asked.

Source: docs/spec/campaigns.md#how-a-campaign-runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from quote_service.platform.postgres.listed_rows import Place, Wanted
from quote_service.shop.campaigns.tables import campaigns, sales
from quote_service.shop.campaigns.tables.campaigns import CAMPAIGN_ROWS

CAMPAIGNS = campaigns.STATEMENTS
SALES = sales.STATEMENTS
MIDDLE = UUID(int=2**127)
BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
FILLED = """
INSERT INTO products (id, sku, name, created_by, created_at, changed_by, updated_at)
SELECT gen_random_uuid(), 'PLAN-' || n, 'shoe', 'test', now(), 'test', now() FROM generate_series(1, 2000) AS n;
INSERT INTO campaigns (
    id, name, product_id, currency, duration_hours, limit_percent, target_sales_count, starts_at, ends_at, status,
    next_step_at, stopped_at, starting_price, last_price, created_by, created_at, changed_by, changed_at
)
SELECT gen_random_uuid(), p.sku || n, p.id, 'TRY', 1, 10, 1, s.at, s.at + interval '1 hour',
    CASE WHEN n = 1 THEN 'scheduled' ELSE 'ended' END, CASE WHEN n = 1 THEN s.at END, CASE WHEN n > 1 THEN now() END,
    CASE WHEN n > 1 THEN 1 END, CASE WHEN n > 1 THEN 1 END, 'test', now(), 'test', now()
FROM products AS p, generate_series(1, 10) AS n, LATERAL (SELECT now() + n * interval '1 day' AS at) AS s;
INSERT INTO campaign_hours SELECT id, hour, 0, 1, 1, NULL, now() FROM campaigns, generate_series(0, 1) AS hour;
INSERT INTO accepted_quote_lines
SELECT gen_random_uuid(), 1, id, now(), 'TRY', 1, 100, 'catalog' FROM products, generate_series(1, 10);
"""
CASES: dict[str, tuple[str, Sequence[Any]]] = {
    "first page": CAMPAIGN_ROWS.statement(Wanted({})),
    "deep page": CAMPAIGN_ROWS.statement(Wanted({}, place=Place((MIDDLE,)))),
    "of a status": CAMPAIGN_ROWS.statement(Wanted({"status": "active"}, place=Place((MIDDLE,)))),
    "of a product": CAMPAIGN_ROWS.statement(Wanted({"product_id": MIDDLE})),
    "one": (CAMPAIGNS["campaign"], (MIDDLE,)),
    "whose turn it is": (CAMPAIGNS["next_due"], (None, None, [])),
    "when the next is due": (CAMPAIGNS["seconds_to_next_step"], ()),
    "how overdue": (CAMPAIGNS["seconds_overdue"], ()),
    "how many": (CAMPAIGNS["count_by_status"], ()),
    "a clash": (CAMPAIGNS["find_clash"], (MIDDLE, MIDDLE, "TRY", BEGIN, END)),
    "hours": (CAMPAIGNS["page_of_hours"], (MIDDLE, -1, 51)),
    "last hours": (CAMPAIGNS["last_hours"], (MIDDLE, 200)),
    "sales": (SALES["sales_of_product"], (MIDDLE, "TRY", BEGIN, END)),
    "sales of a variant": (SALES["sales_of_variant"], (MIDDLE, "TRY", BEGIN, END, MIDDLE)),
}


@pytest.mark.parametrize("name", CASES)
async def test_nothing_reads_every_campaign(database_url: str, name: str) -> None:
    connection = await asyncpg.connect(database_url)
    if not await connection.fetchval("SELECT EXISTS (SELECT 1 FROM campaigns)"):
        await connection.execute(FILLED)
        await connection.execute("VACUUM ANALYZE")
    statement, arguments = CASES[name]
    plan = [row[0] for row in await connection.fetch(f"EXPLAIN {statement}", *arguments)]
    assert not [line for line in plan if "Seq Scan" in line], "\n".join(plan)
    await connection.close()
