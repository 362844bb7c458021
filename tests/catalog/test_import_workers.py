"""Imports by several background processes: each is done once, and one that was cut off is done again.

Source: docs/spec/catalog.md#import-and-export.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import UUID, uuid4

from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.new_ids import new_id
from quote_service.shop.catalog.model.imports import ImportRecord
from quote_service.shop.catalog.operations.receive_import import receive_import
from quote_service.shop.catalog.operations.run_import import run_next_import
from quote_service.shop.catalog.tables.imports import queue_import, read_import
from tests.conftest import eventually

ROWS = 1200


async def send(database: Database, prefix: str) -> UUID:
    """An import of products that is to be done."""

    async def rows() -> AsyncIterator[bytes]:
        for place in range(ROWS):
            yield json.dumps({"sku": f"{prefix}-{place}", "name": "shoe"}).encode() + b"\n"

    import_id = UUID(new_id())
    change = change_by_system("test", now_us())
    received = await receive_import(database, change, import_id, "application/x-ndjson", rows())
    async with database.read() as connection:
        await queue_import(connection, import_id, received.size)
    return import_id


async def record_of(database: Database, import_id: UUID) -> ImportRecord:
    async with database.read() as connection:
        return await read_import(connection, import_id)


async def products(database: Database, prefix: str) -> int:
    async with database.read() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM products WHERE starts_with(sku, $1)", prefix))


async def test_several_processes_do_each_import_once(database: Database) -> None:
    prefixes = [uuid4().hex, uuid4().hex]
    imports = [await send(database, prefix) for prefix in prefixes]

    async def worker() -> list[UUID]:
        done = []
        while {(await record_of(database, each)).status for each in imports} != {"done"}:
            if (found := await run_next_import(database)) is not None:
                done.append(found)
        return done

    found = [each for done in await asyncio.gather(worker(), worker(), worker()) for each in done]
    assert sorted(found) == sorted(imports)
    for import_id, prefix in zip(imports, prefixes, strict=True):
        assert (await record_of(database, import_id)).created == await products(database, prefix) == ROWS


async def test_an_import_that_was_cut_off_is_done_again(database: Database) -> None:
    prefix = uuid4().hex
    import_id = await send(database, prefix)
    cut_off = asyncio.create_task(run_next_import(database))

    async def has_begun() -> bool:
        return (await record_of(database, import_id)).rows_read > 0

    await eventually(has_begun, "the import has begun")
    cut_off.cancel()
    with suppress(asyncio.CancelledError):
        await cut_off
    assert await products(database, prefix) == 0
    assert (await record_of(database, import_id)).status == "running"
    assert await run_next_import(database) == import_id
    record = await record_of(database, import_id)
    assert (record.status, record.created, record.rows_read) == ("done", ROWS, ROWS)
    assert await products(database, prefix) == ROWS
