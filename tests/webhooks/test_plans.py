"""How PostgreSQL finds deliveries among many: by an index, whatever is asked. Endpoints are few, and read as they stand.

Source: docs/spec/webhooks.md#deliveries.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from quote_service.platform.postgres import outbox
from quote_service.platform.postgres.listed_rows import Place, Wanted
from quote_service.platform.postgres.queries import load_queries
from quote_service.platform.webhooks.tables import deliveries
from quote_service.platform.webhooks.tables.deliveries import DELIVERY_ROWS

DELIVERIES = deliveries.STATEMENTS
OUTBOX = load_queries(outbox.__file__, "outbox")
ENDPOINT = UUID(int=1)
MIDDLE = UUID(int=2**127)
BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
FILLED = """
INSERT INTO webhook_endpoints (id, url, event_types, secret, secret_key_id, created_at, updated_at)
SELECT ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, 'https://shop.example/', '{*}', '', 'k1', now(), now()
FROM generate_series(1, 10) AS n;
INSERT INTO webhook_events (id, type, subject, data, customer_id)
SELECT gen_random_uuid(), 'rate.created', 's', '{}', gen_random_uuid() FROM generate_series(1, 20000);
INSERT INTO webhook_deliveries (endpoint_id, event_id, state, due_at, ended_at)
SELECT e.id, v.id, s.state, CASE WHEN s.state = 'pending' THEN now() + random() * interval '1 hour' END,
    CASE WHEN s.state <> 'pending' THEN now() END
FROM (SELECT id, random() AS chance FROM webhook_events) AS v
CROSS JOIN (SELECT id FROM webhook_endpoints ORDER BY id LIMIT 3) AS e
CROSS JOIN LATERAL (SELECT CASE WHEN chance < 0.002 THEN 'pending' WHEN chance < 0.004 THEN 'parked' ELSE 'delivered' END)
    AS s (state);
"""
CASES: dict[str, tuple[str, Sequence[Any]]] = {
    "what is due": (DELIVERIES["claim_due"], ([ENDPOINT], [3], 8, 64, 40.0)),
    "one": (DELIVERIES["delivery"], (ENDPOINT, MIDDLE)),
    "first page": DELIVERY_ROWS.statement(Wanted({"endpoint_id": ENDPOINT})),
    "deep page": DELIVERY_ROWS.statement(Wanted({"endpoint_id": ENDPOINT}, place=Place((MIDDLE,)))),
    "of a state": DELIVERY_ROWS.statement(Wanted({"endpoint_id": ENDPOINT, "state": "parked"}, place=Place((MIDDLE,)))),
    "success": (DELIVERIES["note_delivered"], (ENDPOINT, MIDDLE, 200, 0.1)),
    "failure": (DELIVERIES["note_failed"], (ENDPOINT, MIDDLE, 1, 500, "", "", 0.1, 5.0)),
    "disabled": (DELIVERIES["park_pending"], (ENDPOINT, "")),
    "one again": (DELIVERIES["replay_one"], (ENDPOINT, MIDDLE, 86400)),
    "parked again": (DELIVERIES["replay_range"], (ENDPOINT, "parked", BEGIN, END, 100, 86400)),
    "waiting again": (DELIVERIES["replay_range"], (ENDPOINT, "pending", None, None, 100, 86400)),
    "without a turn": (DELIVERIES["park_overdue"], (100, "")),
    "how many wait": (DELIVERIES["count_waiting"], ()),
    "old ones": (DELIVERIES["remove_old"], (2000, 7, 30)),
    "of deleted endpoints": (DELIVERIES["remove_of_deleted"], (2000,)),
    "events that nobody needs": (DELIVERIES["remove_needless_events"], ([MIDDLE, ENDPOINT],)),
    "of a customer": (OUTBOX["forget_customer"], (MIDDLE,)),
}


@pytest.mark.parametrize("name", CASES)
async def test_nothing_reads_every_delivery_or_event(database_url: str, name: str) -> None:
    connection = await asyncpg.connect(database_url)
    if not await connection.fetchval("SELECT EXISTS (SELECT 1 FROM webhook_endpoints)"):
        await connection.execute(FILLED)
        await connection.execute("VACUUM ANALYZE")
    statement, arguments = CASES[name]
    plan = [row[0] for row in await connection.fetch(f"EXPLAIN {statement}", *arguments)]
    reads = [line for line in plan if "Seq Scan on webhook_deliveries" in line or "Seq Scan on webhook_events" in line]
    assert not reads, "\n".join(plan)
    await connection.close()
