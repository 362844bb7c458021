"""A list of rates reads the rows that fit, and not the table: however rare what is asked for, and however many there are.

Source: docs/spec/wire.md#lists.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from quote_service.platform.postgres.listed_rows import Place, Wanted
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.instants import from_micros
from quote_service.rulebook.commission_rates.tables.commission_rates import RATE_ROWS

COUNT = 20_000
RARE = UUID("00000000-0000-4000-8000-000000000001")
LIMIT = 51
EARLY_US = 631_152_000_000_000  # 1990
# After five runs PostgreSQL may plan a statement that was kept once for all values, by what those five asked for.
RUNS = 8

MANY = """
INSERT INTO commission_rates (
    id, seller_id, category_id, logistics_provider, commission_type, rate, currency, region, region_key, effective_from,
    effective_to, created_by, created_at, changed_by, changed_at, changed_in
)
SELECT
    lpad(to_hex(n), 32, '0')::uuid, CASE WHEN n = 19000 THEN $2 ELSE gen_random_uuid() END,
    CASE WHEN n = 19001 THEN $2 ELSE gen_random_uuid() END, CASE WHEN n = 19002 THEN 'rare' ELSE 'common' END,
    'PERCENTAGE', 10, CASE WHEN n = 19003 THEN 'KWD' ELSE 'TRY' END,
    CASE WHEN n = 19004 THEN 'KW' ELSE 'TR' END, CASE WHEN n = 19004 THEN 'kw' ELSE 'tr' END,
    CASE WHEN n = 19005 THEN timestamptz '1980-01-01Z' ELSE '2020-01-01Z' END, NULL,
    'test', '2026-01-01Z', 'test', '2026-01-01Z', 1
FROM generate_series(1, $1::integer) AS n
"""


@pytest.fixture
async def connection(database: Database, database_url: str) -> AsyncIterator[Connection]:
    """A connection to a table of many rates, among which one is rare in each way."""
    writer = await asyncpg.connect(database_url)
    try:
        if not await writer.fetchval("SELECT count(*) FROM commission_rates"):
            # Without the triggers, which keep versions: only how many there are matters here.
            await writer.execute("SET session_replication_role = replica")
            await writer.execute(MANY, COUNT, RARE)
            await writer.execute("ANALYZE commission_rates")
    finally:
        await writer.close()
    async with database.transaction() as reading:
        yield reading


@pytest.mark.parametrize(
    "wanted",
    [
        {"seller_id": RARE},
        {"category_id": RARE},
        {"logistics_provider": "rare"},
        {"currency": "KWD"},
        {"region_key": "kw"},
        {"active_at": from_micros(EARLY_US)},
        {"currency": "KWD", "logistics_provider": "common", "region_key": "tr"},
    ],
    ids=["seller", "category", "provider", "currency", "region", "instant", "currency among common ones"],
)
async def test_what_is_rare_is_found_without_a_walk_over_the_table(
    connection: Connection, wanted: dict[str, Any]
) -> None:
    for _ in range(RUNS):
        await RATE_ROWS.page(connection, Wanted({}, limit=LIMIT - 1))
    before = await rows_read(connection)
    for _ in range(RUNS):
        assert len((await RATE_ROWS.page(connection, Wanted(wanted, limit=LIMIT - 1))).rows) == 1
    assert await rows_read(connection) - before <= RUNS * 5


@pytest.mark.parametrize("wanted", [{}, {"currency": "TRY"}, {"currency": "KRW"}, {"seller_id": UUID(int=7)}])
async def test_what_is_common_or_nowhere_costs_a_page(connection: Connection, wanted: dict[str, Any]) -> None:
    before = await rows_read(connection)
    for _ in range(RUNS):
        await RATE_ROWS.page(connection, Wanted(wanted, limit=LIMIT - 1, place=Place((UUID(int=10_000),))))
    assert await rows_read(connection) - before <= RUNS * 2 * LIMIT


async def rows_read(connection: Connection) -> int:
    """How many rows of the table this transaction has looked at, by index or without."""
    return int(
        await connection.fetchval(
            "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'commission_rates'"
        )
    )
