"""A million products in the memory of a worker: how much they take, how long it takes to read and follow them, and what quotes
of them cost beside quotes of request prices.

    python -m loadtests.bench.catalog_held --products 1000000

Source: docs/decisions/catalog-in-memory.md; docs/decisions/followed-catalog.md.
"""

import argparse
import asyncio
import gc
import json
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg

from loadtests.bench.catalog import fill_catalog
from quote_service.lab.dev.demonstration import example_basket
from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.platform.money.amounts import MICRO
from quote_service.platform.postgres.migrate import migrate
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.identifiers import uuid7
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.complete_basket import complete_basket
from quote_service.pricing.customers.customer_snapshot import CustomerSnapshot
from quote_service.pricing.fingerprint import fingerprint_bits
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.quotes.answer.write_quote import write_quote
from quote_service.quotes.reading.decode_basket import decode_basket
from quote_service.rulebook.snapshot.operations.refresh_rulebook import is_current, refresh_rulebook
from quote_service.rulebook.snapshot.operations.rulebook_holder import RulebookHolder
from quote_service.rulebook.snapshot.tables.moment import read_moment

_PAGE_BYTES = 4096
_CHANGES = 200
_MANY = 100_000
_LINES_IN_ALL = 20_000
_ROUNDS = 5
_TTL_US = 900_000_000
_SECRET = bytes(range(32))
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
    ids = [
        row[0]
        for row in await connection.fetch(
            "SELECT id FROM products WHERE is_active ORDER BY md5(id::text) LIMIT $1", _MANY
        )
    ]
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
    assert holder.rulebook is not None
    for lines in (1, 50):
        print_quotes(holder.rulebook, [str(product) for product in ids], lines)
    await connection.close()
    await database.close()


def print_quotes(rulebook: Rulebook, ids: list[str], lines: int) -> None:
    """Print what a quote of so many catalog lines costs beside one of request prices: decoded, completed, priced, written."""
    at_us = now_us()
    count = _LINES_IN_ALL // lines
    bare = rulebook.with_catalog(CatalogSnapshot(), CustomerSnapshot())

    def basket(number: int, with_price: bool) -> bytes:
        # Ever other products: most prices are still in their rows. All but the price is said in both.
        given, items = example_basket(), []
        for index in range(lines):
            price = rulebook.catalog.rows.find(ids[(number * lines + index) % len(ids)], None, "TRY")
            assert price is not None
            line = {
                "product_id": price.product_id,
                "category_id": price.category_id,
                "seller_id": price.seller_id,
                "tags": price.tags,
                "quantity": 2,
            }
            items.append({**line, "unit_price": price.current_micro / MICRO} if with_price else line)
        return json.dumps({**given, "items": items, "currency": "TRY"}).encode()

    def quote(book: Rulebook, body: bytes) -> None:
        checked = complete_basket(QuoteBasis(book, decode_basket(body, book.catalog), at_us)).checked
        bits = fingerprint_bits(QuoteBasis(book, checked, at_us), _SECRET)
        priced = price_quote(QuoteBasis(book, checked, at_us))
        write_quote(priced, uuid7(at_us // 1000, bits), at_us, at_us + _TTL_US)

    asked = [basket(number, with_price=True) for number in range(count)]
    sold = [basket(number, with_price=False) for number in range(count)]
    best = {"request prices": float("inf"), "catalog prices": float("inf")}
    for _ in range(_ROUNDS):
        for name, book, bodies in (("request prices", bare, asked), ("catalog prices", rulebook, sold)):
            began = time.process_time()
            for body in bodies:
                quote(book, body)
            best[name] = min(best[name], (time.process_time() - began) / count * 1e6)
    asked_us, sold_us = best.values()
    print(
        f"quote of {lines:2} lines               {asked_us:.1f} us by request, {sold_us:.1f} us by catalog: {sold_us / asked_us:.2f} x"
    )


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
