"""How long a page of a declared list takes among many rows, with the indexes of migration 0210 and without them.

    python -m loadtests.list_speed [--rows 1000000]

Sellers fill a database of their own. Each page is asked for five times as the API asks for it; the median is printed, in milliseconds
by the clock, so figures are of this machine with whatever else it does, whose load is printed beside them.

Source: docs/decisions/declared-resources.md.
"""

import argparse
import asyncio
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from statistics import median
from uuid import UUID

from loadtests.bench.stores import running_stores
from quote_service.platform.postgres.listed_rows import Place, Wanted
from quote_service.platform.postgres.migrate import migrate
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.shop.catalog.operations.sellers import SELLERS

_TIMES = 5
_INDEXES = ("sellers_name_page", "sellers_created_page", "sellers_updated_page", "sellers_words")
_FILL = """
INSERT INTO sellers (id, name, external_ref, is_active, region, created_by, created_at, changed_by, updated_at)
SELECT gen_random_uuid(), initcap(substr(md5(n::text), 1, 8)) || ' ' || substr(md5((n * 7)::text), 1, 6) || ' trading', 'S-' || n,
    n % 10 > 0, CASE WHEN n % 3 = 0 THEN 'TR/Istanbul' END, 'test', now() - n * interval '1 second', 'test',
    now() - (n * 7919 % $1::bigint) * interval '1 second'
FROM generate_series(1, $1::bigint) AS n
"""


def _asked(rows: int) -> Mapping[str, Wanted]:
    middle = datetime.now(UTC)
    return {
        "first page": Wanted({}),
        "by name": Wanted({}, sort="name"),
        "by last change, newest first": Wanted({}, sort="-updated_at"),
        "by name, deep": Wanted({}, sort="name", place=Place(("8", UUID(int=2**127)))),
        "one reference by a word": Wanted({}, search=f"S-{rows // 2}"),
        "a word that nobody has": Wanted({}, search="qwertzui"),
        "a word that everybody has": Wanted({}, search="trading"),
        "a common and a rare word": Wanted({}, search=f"trading S-{rows // 3}"),
        "a common word by name": Wanted({}, search="istanbul", sort="name"),
        "two letters": Wanted({}, search="zz"),
        "switched off, since recently": Wanted({"is_active": False, "updated_at<": middle}, sort="-updated_at"),
    }


async def _milliseconds(connection: Connection, wanted: Wanted, *, counts: bool) -> float:
    taken = list[float]()
    for _ in range(_TIMES):
        begun = time.perf_counter()
        if counts:
            await SELLERS.rows.count(connection, wanted)
        else:
            await SELLERS.rows.page(connection, wanted)
        taken.append((time.perf_counter() - begun) * 1000)
    return median(taken)


async def _measure(url: str, rows: int) -> None:
    await migrate(url)
    database = await Database.open(url, statement_seconds=600)
    asked, figures = _asked(rows), dict[str, list[float]]()
    async with database.read() as connection:
        await connection.execute(_FILL, rows, timeout=1800)
        await connection.execute("VACUUM ANALYZE sellers", timeout=1800)
        for _ in range(2):
            for name, wanted in asked.items():
                found = figures.setdefault(name, [])
                found.append(await _milliseconds(connection, wanted, counts=False))
                found.append(await _milliseconds(connection, wanted, counts=True))
            await connection.execute(f"DROP INDEX IF EXISTS {', '.join(_INDEXES)}")
    await database.close()
    print(f"{rows} sellers; load {os.getloadavg()[0]:.1f}; page and total in ms")
    print(f"{'':32}{'indexes':>18}{'none of 0210':>18}")
    for name, found in figures.items():
        print(f"{name:32}{found[0]:9.1f}{found[1]:9.1f}{found[2]:9.1f}{found[3]:9.1f}")


def main() -> None:
    """Measure."""
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=1_000_000)
    rows = options.parse_args().rows
    with running_stores() as stores:
        asyncio.run(_measure(stores.new_database(), rows))


if __name__ == "__main__":
    main()
