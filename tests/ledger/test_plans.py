"""How PostgreSQL finds a page of accounts or entries among many: by an index, whatever is asked, and so it posts.

Source: docs/spec/ledger.md#lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from quote_service.platform.postgres.listed_rows import Place, Wanted
from quote_service.selling.ledger.tables import accounts, statements, transactions
from quote_service.selling.ledger.tables.accounts import ACCOUNT_ROWS

TRANSACTIONS = 10_000
ACCOUNTS = accounts.STATEMENTS
STATEMENTS = statements.STATEMENTS
STORED = transactions.STATEMENTS
MIDDLE = UUID("80000000-0000-8000-8000-000000000000")
INSTANT = datetime(2126, 1, 1, tzinfo=UTC)
FILLED = f"""
INSERT INTO ledger_transactions (kind, source_id, accounts, party_ids, currencies, amounts_minor)
SELECT 'order', gen_random_uuid(), '{{customer,seller,delivery}}',
    ARRAY[gen_random_uuid(), ('80000000-0000-8000-8000-' || lpad((n % 500)::text, 12, '0'))::uuid, NULL],
    ARRAY[c, c, c], ARRAY[-100, 90, 10]
FROM generate_series(1, {TRANSACTIONS}) AS n,
    LATERAL (SELECT (ARRAY['TRY', 'USD', 'JPY', 'KWD'])[1 + n % 4] AS c) AS currency;
"""
BUSY = "ledger_account_id('delivery', NULL, 'TRY')"
CASES: dict[str, tuple[str, Sequence[Any]]] = {
    "first page": ACCOUNT_ROWS.statement(Wanted({"with_customers": True})),
    "deep page": ACCOUNT_ROWS.statement(Wanted({"with_customers": True}, place=Place((MIDDLE,)))),
    "of a kind, deep": ACCOUNT_ROWS.statement(
        Wanted({"account": "seller", "with_customers": False}, place=Place((MIDDLE,)))
    ),
    "of a party": ACCOUNT_ROWS.statement(Wanted({"party_id": MIDDLE, "currency": "TRY"})),
    "of a currency": ACCOUNT_ROWS.statement(Wanted({"currency": "KWD"})),
    "entries": (ACCOUNTS["page_of_entries"], ("busy", None, None, None, None, 51)),
    "entries, deep": (ACCOUNTS["page_of_entries"], ("busy", None, None, INSTANT, 400, 51)),
    "entries of a period": (ACCOUNTS["page_of_entries"], ("busy", INSTANT, INSTANT, None, None, 51)),
    "balances of a statement": (STATEMENTS["balances"], (MIDDLE, "TRY", INSTANT, INSTANT)),
    "page of a statement": (STATEMENTS["page_of_statement"], (MIDDLE, "TRY", INSTANT, INSTANT, 0, 250)),
    "entries of a transaction": (STORED["entries_of_transaction"], (MIDDLE,)),
    "transactions of sources": (STORED["transactions_of"], (["order"], [MIDDLE])),
}


@pytest.mark.parametrize("name", CASES)
async def test_nothing_reads_every_account_or_entry(database_url: str, name: str) -> None:
    connection = await asyncpg.connect(database_url)
    if not await connection.fetchval("SELECT EXISTS (SELECT 1 FROM ledger_accounts)"):
        await connection.execute(FILLED)
        await connection.execute("VACUUM ANALYZE")
    busy = await connection.fetchval(f"SELECT {BUSY}")
    statement, arguments = CASES[name]
    given = [busy if argument == "busy" else argument for argument in arguments]
    await connection.execute("SET plan_cache_mode = force_custom_plan")
    plan = [row[0] for row in await connection.fetch(f"EXPLAIN {statement}", *given)]
    assert not [line for line in plan if "Seq Scan on ledger" in line], "\n".join(plan)
    await connection.close()


async def test_posting_reads_what_it_posts_alone(database_url: str) -> None:
    """However many transactions there are: what a posting reads of each table is a few rows."""
    connection = await asyncpg.connect(database_url)
    await connection.execute(FILLED)
    await connection.execute("VACUUM ANALYZE")  # as the server does by itself after a while
    tables = "SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_xact_user_tables WHERE relname LIKE 'ledger_%'"
    async with connection.transaction():
        # What earlier transactions have read counts here too, until the server takes it over.
        before = await connection.fetchval(tables)
        await connection.execute(FILLED.replace(f"1, {TRANSACTIONS}", "1, 10"))
        await connection.execute("SET CONSTRAINTS post_entries IMMEDIATE")
        assert 0 < await connection.fetchval(tables) - before < 1000
    await connection.close()
