"""An import of many products: how long, and how much memory the process that does it needs.

    python -m loadtests.bench.catalog_import --products 100000

Source: docs/spec/catalog.md#import-and-export.
"""

import argparse
import asyncio
import json
import resource
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.platform.postgres.migrate import migrate
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import change_by_system
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.new_ids import new_id
from quote_service.shop.catalog.operations.receive_import import receive_import
from quote_service.shop.catalog.operations.run_import import run_next_import
from quote_service.shop.catalog.tables.imports import queue_import, read_import


async def rows(count: int) -> AsyncIterator[bytes]:
    """Products as lines, each sold in TRY."""
    for place in range(count):
        price = {"currency": "TRY", "base_price": 100 + place % 900, "min_price": 50}
        product = {"sku": f"IMPORT-{place}", "name": f"Running shoe {place}", "tags": ["summer"], "prices": [price]}
        yield json.dumps(product).encode() + b"\n"


async def import_once(database: Database, count: int) -> None:
    """Send and do one import, and print what it took."""
    import_id = UUID(new_id())
    began = time.monotonic()
    received = await receive_import(
        database, change_by_system("bench", now_us()), import_id, "application/x-ndjson", rows(count)
    )
    async with database.transaction() as connection:
        await queue_import(connection, import_id, received.size)
    staged = time.monotonic()
    before = resource.getrusage(resource.RUSAGE_SELF)
    await run_next_import(database)
    used = resource.getrusage(resource.RUSAGE_SELF)
    async with database.read() as connection:
        record = await read_import(connection, import_id)
    print(
        f"{record.status}: {record.created} created, {record.unchanged} as they were, of {received.size / 2**20:.1f} MiB; "
        f"staged in {staged - began:.1f} s, done in {time.monotonic() - staged:.1f} s "
        f"({used.ru_utime - before.ru_utime:.1f} s CPU of this process); memory at most {used.ru_maxrss // 1024} MiB, "
        f"{(used.ru_maxrss - before.ru_maxrss) // 1024} MiB of it for the import",
        flush=True,
    )


async def run(url: str, count: int) -> None:
    """A new catalog, and the same rows once more."""
    await migrate(url)
    database = await Database.open(url)
    for _ in range(2):
        await import_once(database, count)
    await database.close()


def main() -> None:
    """Import into a PostgreSQL of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=100_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="quote-bench-") as folder:
        Path(folder).chmod(0o755)
        server = PostgresServer(Path(folder) / "postgres", durable=False)
        server.start()
        try:
            asyncio.run(run(server.url, given.products))
        finally:
            server.discard()


if __name__ == "__main__":
    main()
