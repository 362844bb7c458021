"""Fill 10 000 000 quotes of history by COPY, and time every report over HTTP: `python -m loadtests.analytics`.

Wanted are under 100 ms at the 95th percentile; CPU time is told beside it, which depends less on what else a machine does. One caller asks after the other, with another seller, product or period each time, of
a service with one worker; PostgreSQL has 256 MB of its own memory.
"""

import argparse
import asyncio
import contextlib
import http.client
import os
import platform
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import asyncpg

from loadtests.analytics.history import DAYS, KEYS, History
from loadtests.bench.headlines import Headline, keep_figures
from loadtests.bench.installation import QUOTE_PATH, Installation
from loadtests.bench.stores import running_stores
from quote_service.analytics.tables.rank_rows import make_ranks_anew
from quote_service.analytics.words.cubes import KEY_COLUMNS
from quote_service.analytics.words.rollup_tables import ORDER_RANKS, ORDERS, QUOTE_RANKS, QUOTES, RollupTable

GOAL_MS = 100.0
_COPY_SECONDS = 3600.0
# In each quarter of an hour and currency ten of the rules, rates, flags and prices that changed made a difference.
_HONOURED = """
WITH quarters AS (
    SELECT quarter, currency FROM generate_series($1::timestamptz, $2::timestamptz - interval '1 s', '15 minutes') AS quarter
        CROSS JOIN (VALUES ('TRY'), ('EUR')) AS of (currency)
), effects AS (
    INSERT INTO honoured_effects
    SELECT quarter, currency, kind, kind || ' ' || (number * 7 + extract(epoch FROM quarter)::bigint / 900) % 40, 3, -40, 5
    FROM quarters CROSS JOIN (VALUES ('rule'), ('rate'), ('flag'), ('price'), ('flash_sale')) AS of (kind)
        CROSS JOIN generate_series(0, 1) AS number
)
INSERT INTO honoured_quotes SELECT quarter, currency, 36, 1, 30, 30, 0, 400, 0, 50 FROM quarters
"""
_HONOURED_TABLES = ("honoured_quotes", "honoured_effects", "honoured_quote_days", "honoured_effect_days")
_TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
_Ask = Callable[[random.Random], tuple[str, dict[str, str]]]


def _last(days: int, path: str, **query: str) -> _Ask:
    """A report of so many days, the last of which is one of the last ten."""

    def ask(chance: random.Random) -> tuple[str, dict[str, str]]:
        end = _TODAY - timedelta(days=chance.randrange(10))
        given = {name: chance.choice(KEYS[name]) if value == "any" else value for name, value in query.items()}
        return path, {"from": str((end - timedelta(days=days)).date()), "to": str(end.date()), **given}

    return ask


def _product(days: int) -> _Ask:
    def ask(chance: random.Random) -> tuple[str, dict[str, str]]:
        return _last(days, f"products/{chance.choice(KEYS['product'])}")(chance)

    return ask


REPORTS: dict[str, _Ask] = {
    "pricing, 30 days": _last(30, "pricing"),
    "pricing, 355 days": _last(355, "pricing"),
    "pricing by day, 355 days": _last(355, "pricing", group_by="day"),
    "pricing by weekday and hour, 355 days": _last(355, "pricing", group_by="weekday,hour"),
    "pricing by hour and region, 30 days": _last(30, "pricing", group_by="hour,region"),
    "pricing by region, 355 days": _last(355, "pricing", group_by="region"),
    "pricing by day and region, 90 days": _last(90, "pricing", group_by="day,region"),
    "pricing by rule, 355 days": _last(355, "pricing", group_by="rule", sort="discount"),
    "pricing by product, 30 days": _last(30, "pricing", group_by="product", sort="units"),
    "pricing by product, 355 days": _last(355, "pricing", group_by="product", sort="units"),
    "pricing by product and quotes, 355 days": _last(355, "pricing", group_by="product", sort="quotes"),
    "pricing by product and quoted revenue, 30 days": _last(30, "pricing", group_by="product", sort="quoted_revenue"),
    "pricing by day and product, 30 days": _last(30, "pricing", group_by="day,product"),
    "pricing by region and product, 7 days": _last(7, "pricing", group_by="region,product"),
    "pricing of a seller by day, 90 days": _last(90, "pricing", group_by="day", seller="any"),
    "pricing by seller and before, 30 days": _last(30, "pricing", group_by="seller", compare="previous"),
    "pricing by seller as CSV, 355 days": _last(355, "pricing", group_by="seller", format="csv", limit="200"),
    "commission, 30 days": _last(30, "commission"),
    "commission by seller, 30 days": _last(30, "commission", group_by="seller"),
    "commission by seller, 170 days": _last(170, "commission", group_by="seller"),
    "commission by region and category, 90 days": _last(90, "commission", group_by="region,category"),
    "commission of a seller by day, 90 days": _last(90, "commission", group_by="day", seller="any"),
    "flags, 355 days": _last(355, "flags"),
    "flags by day, 30 days": _last(30, "flags", group_by="day"),
    "honoured prices, 30 days": _last(30, "honoured"),
    "honoured prices, 355 days": _last(355, "honoured"),
    "a product, 30 days": _product(30),
    "a product, 355 days": _product(355),
}


async def fill(url: str) -> History:
    """Write a year of rollups by COPY, and what else reports look at."""
    history = History((_TODAY - timedelta(days=1)).date())
    connection = await asyncpg.connect(url)
    try:
        indexes = await connection.fetch(
            "SELECT indexname, indexdef FROM pg_indexes WHERE indexname LIKE 'analytics\\_%\\_key\\__'"
        )
        for index in indexes:
            await connection.execute(f"DROP INDEX {index['indexname']}")
        for table in (QUOTES.name, ORDERS.name):
            await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER rank_added")
        for made in history.days():
            await _copy(connection, QUOTES, made.quotes)
            await _copy(connection, ORDERS, made.orders)
        await connection.execute(_HONOURED, _TODAY - timedelta(days=DAYS), _TODAY, timeout=_COPY_SECONDS)
        for index in indexes:
            await connection.execute(index["indexdef"], timeout=_COPY_SECONDS)
        await connection.execute("UPDATE analytics_state SET time_zone = 'UTC'")
        for table in (QUOTES.name, ORDERS.name):
            await connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER rank_added")
        await make_ranks_anew(connection)
        await connection.execute(
            "INSERT INTO analytics_folds (source, folded_at) VALUES ('quotes', now()), ('orders', now())"
        )
        await connection.execute(
            """INSERT INTO products (id, sku, name, created_by, created_at, changed_by, updated_at)
            SELECT id, id::text, 'Product', 'bench', now(), 'bench', now() FROM unnest($1::uuid[]) AS ids (id)""",
            KEYS["product"],
            timeout=_COPY_SECONDS,
        )
        for table in (QUOTES.name, ORDERS.name, QUOTE_RANKS, ORDER_RANKS, *_HONOURED_TABLES):
            await connection.execute(f"VACUUM ANALYZE {table}", timeout=_COPY_SECONDS)
    finally:
        await connection.close()
    return history


async def _copy(connection: "asyncpg.Connection[asyncpg.Record]", table: RollupTable, lines: list[str]) -> None:
    async def source() -> AsyncIterator[bytes]:
        for first in range(0, len(lines), 2000):
            yield "".join(lines[first : first + 2000]).encode()

    await connection.copy_to_table(
        table.name, source=source(), columns=[*KEY_COLUMNS, *table.figures], format="text", timeout=_COPY_SECONDS
    )


class Taken(NamedTuple):
    """Of one answer, in milliseconds: the time it took, and the CPU time of the service and of PostgreSQL."""

    wall_ms: float
    cpu_ms: float


def measure(url: str, key: str, rounds: int, processes: Sequence[int]) -> dict[str, list[Taken]]:
    """Every report, asked for so often; the first two of each are not counted.

    Args:
        url: Of the service.
        key: With `reports:read`.
        rounds: How often each is asked for.
        processes: The first processes of the service and of PostgreSQL.
    """
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    chance, taken = random.Random(3), dict[str, list[Taken]]()
    for round_number in range(-2, rounds):
        for name, ask in REPORTS.items():
            path, query = ask(chance)
            cpu_ms, started = _cpu_ms(processes), time.perf_counter()
            connection.request("GET", f"/api/v1/analytics/{path}?{urlencode(query)}", headers={"X-API-Key": key})
            answer = connection.getresponse()
            body = answer.read()
            took = Taken((time.perf_counter() - started) * 1000, _cpu_ms(processes) - cpu_ms)
            if answer.status != 200:
                sys.exit(f"{name}: {answer.status} {body.decode(errors='replace')}")
            if round_number >= 0:
                taken.setdefault(name, []).append(took)
    return taken


def _cpu_ms(processes: Sequence[int]) -> float:
    """CPU time of these processes and of those that they started, all their threads together."""
    spent, waiting = 0, list(processes)
    while waiting:
        process = waiting.pop()
        with contextlib.suppress(OSError):  # it has ended meanwhile
            for thread in Path(f"/proc/{process}/task").iterdir():
                spent += int((thread / "schedstat").read_text().split()[0])
                waiting += map(int, (thread / "children").read_text().split())
    return spent / 1e6


def main() -> int:
    """Fill, measure, and tell; status 1 where a report is slower than wanted."""
    parser = argparse.ArgumentParser(prog="python -m loadtests.analytics", description=__doc__)
    parser.add_argument("--rounds", type=int, default=40, help="how often each report is asked for")
    parser.add_argument("--wait-for", type=Path, help="measure once this file is there")
    parser.add_argument("--figures", type=Path, help="file of what the README shows, of an idle machine alone")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="quote-analytics-") as name, running_stores() as stores:
        installation = Installation(stores.new_database(), stores.redis_url, Path(name))
        installation.call("migrate")
        started = time.monotonic()
        history = asyncio.run(fill(installation.database_url))
        filled = f"{history.quotes} quotes in {history.rows} rows, written in {time.monotonic() - started:.0f} s"
        print(filled, file=sys.stderr, flush=True)
        key = installation.call("keys", "add", "reports", "--scope", "reports:read", "--unlimited")
        # Reports by the hour of the day are asked of a whole year.
        with installation.running_service(settings={"QUOTE_ANALYTICS_HOUR_DAYS": str(DAYS + 31)}) as target:
            while given.wait_for and not given.wait_for.exists():
                time.sleep(0.5)
            processes = (target.pid, stores.postgres_pid)
            times = measure(target.url.removesuffix(QUOTE_PATH), key, given.rounds, processes)
    print(f"{filled}, load average {os.getloadavg()[0]:.1f}\n")
    print("| report | p50 ms | p95 ms | CPU p50 ms | CPU p95 ms |\n|---|---|---|---|---|")
    slow, slowest = 0, 0.0
    for report, taken in times.items():
        columns = [sorted(column) for column in zip(*taken, strict=True)]
        told = [column[place] for column in columns for place in (len(column) // 2, int(len(column) * 0.95))]
        slow += told[1] > GOAL_MS
        slowest = max(slowest, told[1])
        print(f"| {report} | {' | '.join(f'{figure:.1f}' for figure in told)} |")
    if given.figures:
        _keep(given.figures, given.rounds, 100 * (1 - slow / len(times)), slowest)
    return int(slow > 0)


def _keep(path: Path, rounds: int, quick_percent: float, slowest_ms: float) -> None:
    about: dict[str, Any] = {
        "measured_on": datetime.now(UTC).date().isoformat(),
        "version": version("quote-service"),
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.release()} {platform.machine()}, CPython {platform.python_version()}",
        "how": f"{rounds} rounds over HTTP, plain Python, PostgreSQL with 256 MB of its own memory",
    }
    keep_figures(
        path,
        {
            "reports_slowest": Headline(round(slowest_ms, 1), **about),
            "reports_quick": Headline(round(quick_percent, 1), **about),
        },
    )


if __name__ == "__main__":
    sys.exit(main())
