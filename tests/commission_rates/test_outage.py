"""PostgreSQL dies in the middle: nothing is half written, the caller hears 503 and may repeat."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import pytest

from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.lab.embedded.valkey_server import ValkeyServer
from quote_service.platform.postgres.migrate import migrate
from tests.access.running import RunningService, code_of, running
from tests.commission_rates.conftest import settings_of
from tests.commission_rates.rates import BULK, EXPORT, Rates, a_rate
from tests.conftest import eventually
from tests.fixtures.postgres_clusters import postgres_server_in

pytestmark = pytest.mark.second_try("kills PostgreSQL in the middle of writing")

ROWS = 500


@pytest.fixture(scope="module")
def mortal_server(server_folder: Path) -> Iterator[PostgresServer]:
    """A durable PostgreSQL that tests may kill, and start again."""
    server = postgres_server_in(server_folder / f"mortal-{uuid4().hex[:8]}", durable=True)
    server.start()
    asyncio.run(migrate(server.url))
    yield server
    server.discard()


@pytest.fixture(scope="module")
def mortal_worker(mortal_server: PostgresServer, valkey_server: ValkeyServer) -> Iterator[RunningService]:
    with running(settings_of(mortal_server.url, valkey_server.url)) as started:
        # Here, because people cannot be made within a running loop.
        started.as_role("admin")
        started.as_role("pricing_manager")
        yield started


@pytest.fixture
def rates(mortal_server: PostgresServer, mortal_worker: RunningService) -> Iterator[Rates]:
    """The resource while PostgreSQL is there; it is brought back afterwards."""
    headers = mortal_worker.as_role("pricing_manager")
    with httpx.Client(base_url=mortal_worker.url, timeout=60, headers=headers) as http:
        yield Rates(http)
    if not mortal_server.is_running():
        mortal_server.start()


@asynccontextmanager
async def writes_stopped(server: PostgresServer, table: str) -> AsyncIterator[None]:
    """Whoever writes to a table waits; reading goes on."""
    connection = await asyncpg.connect(server.url)
    try:
        await connection.execute("BEGIN")
        await connection.execute(f"LOCK TABLE {table} IN SHARE MODE")
        yield
    finally:
        connection.terminate()


async def somebody_waits(server: PostgresServer, table: str) -> bool:
    connection = await asyncpg.connect(server.url)
    try:
        waiting = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = $1::regclass)"
        return bool(await connection.fetchval(waiting, table))
    finally:
        await connection.close()


@pytest.mark.parametrize("table", ["rulebook_state", "commission_rates", "audit_log", "idempotency_keys"])
async def test_an_import_cut_off_anywhere_leaves_nothing_and_repeats(
    rates: Rates, mortal_server: PostgresServer, mortal_worker: RunningService, table: str
) -> None:
    category, key = str(uuid4()), {"Idempotency-Key": str(uuid4())}
    held = rates.create()
    rows = [a_rate(id=held["id"], rate=1), *(a_rate(category_id=category) for _ in range(ROWS))]
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(max_workers=1) as thread:
        async with writes_stopped(mortal_server, table):
            sending = loop.run_in_executor(thread, lambda: rates.bulk(rows, **key))
            await eventually(lambda: somebody_waits(mortal_server, table), "the import is in the middle")
            mortal_server.kill()
        answer = await sending
    assert (answer.status_code, code_of(answer)) == (503, "dependency-unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    refused = rates.bulk(rows, **key)
    assert (refused.status_code, code_of(refused)) == (503, "dependency-unavailable")

    mortal_server.start()
    assert rates.found(category_id=category) == []
    assert rates.history(held["id"]).json()["data"] == [held]
    assert len(mortal_worker.audited(held["id"])) == 1

    repeated = rates.bulk(rows, **key)
    assert repeated.status_code == 200, repeated.text
    assert "idempotent-replayed" not in repeated.headers
    assert (repeated.json()["data"]["created"], repeated.json()["data"]["changed"]) == (ROWS, 1)
    again = rates.bulk(rows, **key)
    assert (again.content, again.headers["idempotent-replayed"]) == (repeated.content, "true")
    counting = "SELECT count(*) FROM commission_rates WHERE category_id = $1"
    (stored,) = await asyncio.to_thread(mortal_worker.rows, counting, category)
    assert stored["count"] == ROWS


async def test_everything_else_is_503_while_it_is_away(rates: Rates, mortal_server: PostgresServer) -> None:
    held = rates.create()
    mortal_server.kill()
    answers = [
        rates.post(a_rate()),
        rates.get(held["id"]),
        rates.put(held["id"], a_rate()),
        rates.end(held["id"]),
        rates.listed(),
        rates.history(held["id"]),
        rates.http.get(EXPORT),
        rates.http.put(BULK, content=json.dumps([a_rate()]), headers={"Content-Type": "application/json"}),
    ]
    assert [(answer.status_code, code_of(answer)) for answer in answers] == [(503, "dependency-unavailable")] * 8


async def test_an_export_cut_off_is_no_whole_answer(rates: Rates, mortal_server: PostgresServer) -> None:
    # More than the buffers between the two ends can take.
    connection = await asyncpg.connect(mortal_server.url)
    await connection.execute(
        """
        INSERT INTO commission_rates (
            id, seller_id, commission_type, currency, tiers, region_key, effective_from,
            created_by, created_at, changed_by, changed_at
        )
        SELECT gen_random_uuid(), gen_random_uuid(), 'TIERED', 'TRY', $1::text::jsonb, '', now(), 'x', now(), 'x', now()
        FROM generate_series(1, 6000)
        """,
        json.dumps([*({"up_to": step, "rate": 0.123456} for step in range(1, 100)), {"rate": 1}]),
    )
    await connection.close()
    with rates.http.stream("GET", EXPORT) as answer:
        assert answer.status_code == 200
        parts = answer.iter_bytes()
        assert next(parts)
        mortal_server.kill()
        with pytest.raises(httpx.RemoteProtocolError):
            list(parts)
