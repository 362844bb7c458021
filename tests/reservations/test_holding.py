"""Whoever accepts or orders a quote holds it first, and then writes it. Source: docs/decisions/reservations.md."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import asyncpg
import httpx
import pytest

from tests.conftest import eventually
from tests.fixtures.service import Service
from tests.quotes.lifecycle.shop import QUOTES, Shop, code_of

COPY = """INSERT INTO accepted_quotes
SELECT (jsonb_populate_record(quote, jsonb_build_object('quote_id', $1::uuid))).* FROM accepted_quotes AS quote WHERE quote_id = $2"""
# Sessions that wait for a quote which this session holds.
WAITING = """SELECT count(*) FROM pg_locks
WHERE locktype = 'advisory' AND NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"""


@pytest.fixture
def shop(checkout: httpx.Client, admin: httpx.Client) -> Shop:
    return Shop(checkout, admin)


async def test_accepting_waits_for_who_holds_the_quote_and_then_sees_it(shop: Shop, service: Service) -> None:
    first, quote_id = shop.quote()["quote_id"], shop.quote()["quote_id"]
    receipt = shop.accept(first).json()["data"]["receipt"]
    connection = await asyncpg.connect(service.database_url)
    try:
        with ThreadPoolExecutor(2) as threads:
            async with connection.transaction():
                await connection.execute("SELECT * FROM hold_quotes(ARRAY[$1::uuid])", quote_id)
                accepting = threads.submit(shop.accept, quote_id)
                reserving = threads.submit(shop.checkout.post, f"{QUOTES}/{quote_id}/reserve")

                async def both_wait() -> bool:
                    return bool(await connection.fetchval(WAITING) == 2)

                await eventually(both_wait, "both wait for the quote")
                # What those hold who wait would stop this, and nobody could go on.
                await connection.execute("SET LOCAL lock_timeout = '100ms'")
                await connection.execute(COPY, quote_id, first)
            accepted, reserved = await asyncio.gather(*map(asyncio.wrap_future, (accepting, reserving)))
    finally:
        await connection.close()
    assert (accepted.status_code, accepted.json()["data"]["receipt"]) == (200, receipt)
    assert (reserved.status_code, code_of(reserved)) == (409, "quote-accepted")
