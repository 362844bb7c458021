"""How PostgreSQL finds a page of orders among many: by an index, whatever is asked.

Source: docs/spec/orders.md#lists.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from quote_service.selling.orders.tables import customer_orders, order_life, order_lists, orders

ORDERS = 20_000
LISTS = order_lists.STATEMENTS
STORED = orders.STATEMENTS
LIFE = order_life.STATEMENTS
OF_CUSTOMER = customer_orders.STATEMENTS
MIDDLE = UUID("00000000-0000-7000-8000-000000002710")
PARTY = UUID("80000000-0000-8000-8000-000000000007")
EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
FILLED = f"""
INSERT INTO orders (id, quote_id, customer_id, status, currency, exponent, quantity, item_total_minor, discount_minor,
    exclusive_tax_minor, inclusive_tax_minor, delivery_fee_minor, small_basket_fee_minor, fee_exclusive_tax_minor,
    fee_inclusive_tax_minor, total_minor, sellers, placed_at, placed_by, placed_by_kind, request_id, changed_at, fulfilled_at)
SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, gen_random_uuid(),
    ('80000000-0000-8000-8000-' || lpad((n % 2000)::text, 12, '0'))::uuid, CASE WHEN n % 50 = 0 THEN 'placed' ELSE 'fulfilled' END,
    'TRY', 2, 1, 100, 0, 0, 0, 0, 0, 0, 0, 100, '[]', '2025-06-01'::timestamptz + n * interval '1 minute', 'x', 'key', '',
    now(), CASE WHEN n % 50 <> 0 THEN now() END
FROM generate_series(1, {ORDERS}) AS n;
INSERT INTO order_lines
SELECT o.id, line, ('80000000-0000-8000-8000-' || lpad((n % 500)::text, 12, '0'))::uuid, NULL,
    ('80000000-0000-8000-8000-' || lpad((n % 300)::text, 12, '0'))::uuid, 1, 0, 50, 0, 0, 0, false, '[]', '[]'
FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM orders) AS o, generate_series(1, 2) AS line;
INSERT INTO order_events (order_id, number, action, status, at, actor, actor_kind, request_id)
SELECT id, 1, 'fulfil', 'fulfilled', now(), 'x', 'key', '' FROM orders;
"""
_ALL = (None, None, None, None, None, None)
CASES: dict[str, tuple[str, tuple[Any, ...]]] = {
    "first page": (LISTS["page_of_orders"], (*_ALL, None, 51)),
    "deep page": (LISTS["page_of_orders"], (*_ALL, MIDDLE, 51)),
    "of a customer": (LISTS["page_of_orders"], (PARTY, *_ALL[1:], MIDDLE, 51)),
    "of a status": (LISTS["page_of_orders"], (None, "placed", *_ALL[2:], None, 51)),
    "of a period": (LISTS["page_of_orders"], (None, None, EARLY, LATE, MIDDLE, MIDDLE, None, 51)),
    "of a seller": (LISTS["page_of_orders_by_line"], (*_ALL, None, 51, PARTY, None)),
    "of a seller, deep": (LISTS["page_of_orders_by_line"], (*_ALL, MIDDLE, 51, PARTY, None)),
    "of a product": (LISTS["page_of_orders_by_line"], (*_ALL, None, 51, None, PARTY)),
    "of a product of a seller": (LISTS["page_of_orders_by_line"], (*_ALL, None, 51, PARTY, PARTY)),
    "one": (STORED["orders"], ([MIDDLE],)),
    "its lines": (STORED["lines"], ([MIDDLE],)),
    "of quotes": (STORED["orders_of_quotes"], ([MIDDLE],)),
    "events": (LIFE["events_of"], (MIDDLE,)),
    "of an exported customer": (OF_CUSTOMER["page_of_customer"], (PARTY, None, 10)),
}


@pytest.mark.parametrize("name", CASES)
async def test_nothing_reads_every_order(database_url: str, name: str) -> None:
    connection = await asyncpg.connect(database_url)
    if not await connection.fetchval("SELECT EXISTS (SELECT 1 FROM orders)"):
        await connection.execute(FILLED)
        await connection.execute("VACUUM ANALYZE")
    statement, arguments = CASES[name]
    await connection.execute("SET plan_cache_mode = force_custom_plan")
    plan = [row[0] for row in await connection.fetch(f"EXPLAIN {statement}", *arguments)]
    assert not [line for line in plan if "Seq Scan on order" in line], "\n".join(plan)
    await connection.close()
