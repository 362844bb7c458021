"""A million products in the memory of a worker: how much they take, and how long reading and following them does.

    python -m loadtests.bench.catalog_held --products 1000000

Source: docs/decisions/catalog-in-memory.md; docs/decisions/followed-catalog.md.
"""

import argparse
import asyncio
import gc
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg

from loadtests.bench.catalog import fill_catalog
from quote_service.embedded.postgres_server import PostgresServer
from quote_service.postgres.migrate import migrate
from quote_service.postgres.pool import Database
from quote_service.rulebook.operations.refresh_rulebook import is_current, refresh_rulebook
from quote_service.rulebook.operations.rulebook_holder import RulebookHolder
from quote_service.rulebook.tables.moment import read_moment

_PAGE_BYTES = 4096
_CHANGES = 200
_MANY = 100_000
_ONE = "UPDATE product_prices SET current_price = current_price + 0.01 WHERE item_id = $1"
_SOME = "UPDATE product_prices SET current_price = current_price + 0.01 WHERE product_id = ANY($1::uuid[])"


class Timed:
    """What something took: of the wall clock, of this process, and the longest the event loop was held meanwhile."""

    def __init__(self) -> None:
        self.seconds = self.cpu_seconds = self.held_seconds = 0.0

    async def run(self, work: Callable[[], Awaitable[object]]) -> "Timed":
        watching = asyncio.create_task(self._watch())
        await asyncio.sleep(0)
        began, cpu_began = time.perf_counter(), time.process_time()
        await work()
        self.seconds, self.cpu_seconds = time.perf_counter() - began, time.process_time() - cpu_began
        watching.cancel()
        return self

    async def _watch(self) -> None:
        # What the process itself used between two turns: others of the machine do not count.
        last = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            self.held_seconds = max(self.held_seconds, now - last)
            last = now

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s ({self.cpu_seconds:.2f} s of the worker, event loop held {self.held_seconds * 1000:.1f} ms)"


async def measure(url: str) -> None:
    """Print what a worker that follows this database needs."""
    database = await Database.open(url)
    connection = await asyncpg.connect(url)
    holder = RulebookHolder()

    async def refresh() -> None:
        await refresh_rulebook(database, holder)

    async def look() -> bool:
        async with database.read() as reading:
            moment = await read_moment(reading)
        return await is_current(database, holder, moment)

    await look()
    gc.collect()
    before = _resident_bytes()
    loaded = await Timed().run(refresh)
    gc.collect()
    count = holder.prices
    resident = (_resident_bytes() - before) / count
    print(f"{count} prices read                 {loaded}")
    print(f"bytes a price                   {resident:.0f} resident, {holder.catalog_bytes / count:.0f} counted")
    ids = [row[0] for row in await connection.fetch("SELECT id FROM products ORDER BY md5(id::text) LIMIT $1", _MANY)]
    looks, changes = [], []
    for product in ids[:_CHANGES]:
        looks.append((await Timed().run(look)).seconds)
        await connection.execute(_ONE, product)
        changed = await Timed().run(refresh)
        changes.append(changed.seconds)
    print(f"nothing changed                 {statistics.median(looks) * 1000:.2f} ms a look")
    print(f"one price changed               {statistics.median(changes) * 1000:.2f} ms")
    began = time.perf_counter()
    await connection.execute(_SOME, ids, timeout=600)
    print(f"{len(ids)} prices moved, one transaction  {time.perf_counter() - began:.1f} s")
    looked = await Timed().run(look)
    print(f"looking for changes             {looked}")
    taken = await Timed().run(refresh)
    print(f"{len(ids)} prices taken in          {taken}")
    await connection.close()
    await database.close()


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * _PAGE_BYTES


def _measure_in_process(url: str) -> None:
    asyncio.run(measure(url))


def main() -> None:
    """Fill a PostgreSQL of its own, and measure in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=1_000_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="quote-bench-") as folder:
        Path(folder).chmod(0o755)
        server = PostgresServer(Path(folder) / "postgres", durable=False)
        server.start()
        try:
            asyncio.run(migrate(server.url))
            asyncio.run(fill_catalog(server.url, given.products))
            process = multiprocessing.get_context("spawn").Process(target=_measure_in_process, args=(server.url,))
            process.start()
            process.join()
        finally:
            server.discard()


if __name__ == "__main__":
    main()
