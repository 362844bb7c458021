"""What a change of stock costs with its triggers: PostgreSQL's own time, beside the same update without them.

    python -m loadtests.bench.inventory --changes 20000

Source: docs/spec/inventory.md#prices-that-follow-stock.
"""

import argparse
import asyncio
import statistics
import tempfile
from pathlib import Path

import asyncpg

from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.platform.postgres.migrate import migrate

_PRODUCTS = """
INSERT INTO products (id, sku, name, created_by, created_at, changed_by, updated_at)
SELECT gen_random_uuid(), 'BENCH-' || n, 'shoe', 'bench', now(), 'bench', now() FROM generate_series(1, $1::integer) AS n
"""
_PRICES = """
INSERT INTO product_prices (product_id, currency, base_price, current_price, min_price)
SELECT id, currency, 100, 100, 0 FROM products, unnest($1::text[]) AS currency
"""
_STOCK = """
INSERT INTO inventory (product_id, quantity, low_threshold, low_adjust_percent, is_dynamic)
SELECT id, 50, 10, 20, true FROM products
"""
# Each product by turns, and at each turn to the other of two quantities.
_CHANGES = """
DO $$
DECLARE
    ids uuid[] := ARRAY(SELECT item_id FROM inventory ORDER BY item_id);
    place integer;
BEGIN
    FOR place IN 0 .. {changes} - 1 LOOP
        UPDATE inventory SET quantity = CASE WHEN quantity = {one} THEN {other} ELSE {one} END
        WHERE item_id = ids[1 + place % cardinality(ids)];
    END LOOP;
END $$
"""
_PRODUCTS_MADE = 1000


async def _microseconds(connection: asyncpg.Connection, changes: int, one: int, other: int) -> float:
    """Of one change, in one transaction of so many."""
    statement = _CHANGES.format(changes=changes, one=one, other=other)
    began = await connection.fetchval("SELECT clock_timestamp()")
    await connection.execute(statement)
    ended = await connection.fetchval("SELECT clock_timestamp()")
    await connection.execute("VACUUM ANALYZE inventory, product_prices, products")
    return float((ended - began).total_seconds()) / changes * 1e6


async def measure(url: str, changes: int, repeats: int) -> None:
    """Print microseconds a change, the median of so many runs, and how many times that of a bare update."""
    connection = await asyncpg.connect(url)
    await connection.execute("SET jit = off")
    await connection.execute(_PRODUCTS, _PRODUCTS_MADE)
    await connection.execute(_PRICES, ["TRY"])
    await connection.execute(_STOCK)
    bare = 0.0
    for name, switch, one, other in (
        ("without triggers", "DISABLE", 40, 39),
        ("within a level", "ENABLE", 40, 39),
        ("crossing, 1 currency", "ENABLE", 40, 5),
        ("crossing, 3 currencies", "ENABLE", 40, 5),
    ):
        if "3" in name:
            await connection.execute(_PRICES, ["JPY", "KWD"])
        await connection.execute(f"ALTER TABLE inventory {switch} TRIGGER USER")
        await connection.execute("UPDATE inventory SET quantity = 40")
        times = [await _microseconds(connection, changes, one, other) for _ in range(repeats)]
        median = statistics.median(times)
        bare = bare or median
        print(f"{name:24} {median:8.1f} us   {median / bare:6.1f} x", flush=True)
    await connection.close()


def main() -> None:
    """Start a PostgreSQL of its own, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=20_000)
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="quote-bench-") as folder:
        Path(folder).chmod(0o755)
        server = PostgresServer(Path(folder) / "postgres", durable=False)
        server.start()
        try:
            asyncio.run(migrate(server.url))
            asyncio.run(measure(server.url, given.changes, given.repeats))
        finally:
            server.discard()


if __name__ == "__main__":
    main()
