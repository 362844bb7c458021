"""Fill 10 000 000 quotes of history by COPY, and time every report over HTTP: `python -m loadtests.analytics`.

Wanted are under 100 ms at the 95th percentile; CPU time is told beside it, which depends less on what else a machine does. One caller asks after the other, with another seller, product or period each time, of
a service with one worker; PostgreSQL has 256 MB of its own memory. `--sweep` asks every question there is instead, and tells the
slowest by CPU time. `--keep FOLDER` keeps the history there, and takes it from there the next time.
"""

import argparse
import asyncio
import os
import platform
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from loadtests.analytics.fill import fill
from loadtests.analytics.history import CUBES_OF_REPORTS, DAYS
from loadtests.analytics.reports import REPORTS
from loadtests.analytics.sweep import slowest
from loadtests.analytics.timing import Caller, Taken
from loadtests.bench.headlines import Headline, keep_figures
from loadtests.bench.installation import QUOTE_PATH, Installation
from loadtests.bench.stores import Stores, running_stores
from quote_service.steering.analytics.model.cubes import CUBES

GOAL_MS = 100.0
_SLOWEST, _SWEEP_ROUNDS = 10, 7


class Filled(msgspec.Struct):
    """A history that has been written: it ends before `today`, in UTC."""

    database: str
    today: date
    summary: str


@contextmanager
def history(
    stores: Stores, folder: Path, kept: Path | None, cubes: Sequence[str]
) -> Iterator[tuple[Installation, Filled]]:
    """An installation with a history: that of the folder where there is one, which is migrated as it may be of an older release."""
    note = kept / "filled.json" if kept else None
    if note and note.exists():
        filled = msgspec.json.decode(note.read_bytes(), type=Filled)
        installation = Installation(stores.url_of(filled.database), stores.redis_url, folder)
        installation.call("migrate")
        yield installation, filled
        return
    url = stores.new_database()
    installation = Installation(url, stores.redis_url, folder)
    installation.call("migrate")
    today, started = datetime.now(UTC).date(), time.monotonic()
    written = asyncio.run(fill(url, today, cubes))
    reported = f"{written.quotes} quotes in {written.rows} rows, written in {time.monotonic() - started:.0f} s"
    filled = Filled(url.rpartition("/")[2], today, reported)
    if note:
        note.write_bytes(msgspec.json.encode(filled))
    yield installation, filled


def measure(caller: Caller, rounds: int, today: date) -> dict[str, list[Taken]]:
    """Every report, asked for so often; the first two of each are not counted."""
    chance, taken = random.Random(3), dict[str, list[Taken]]()
    for round_number in range(-2, rounds):
        for name, ask in REPORTS.items():
            took = caller.take(*ask(chance, today))
            if round_number >= 0:
                taken.setdefault(name, []).append(took)
    return taken


def main() -> int:
    """Fill, measure, and tell; status 1 where a report is slower than wanted."""
    parser = argparse.ArgumentParser(prog="python -m loadtests.analytics", description=__doc__)
    parser.add_argument("--rounds", type=int, default=40, help="how often each report is asked for")
    parser.add_argument("--sweep", action="store_true", help="ask every question there is, and tell the slowest")
    parser.add_argument("--keep", type=Path, help="folder in which the history stays, to be measured again")
    parser.add_argument("--wait-for", type=Path, help="measure once this file is there")
    parser.add_argument("--figures", type=Path, help="file of what docs/performance.md shows, of an idle machine alone")
    given = parser.parse_args()
    cubes = CUBES if given.sweep or given.keep else CUBES_OF_REPORTS
    with (
        tempfile.TemporaryDirectory(prefix="quote-analytics-") as name,
        running_stores(keep=given.keep) as stores,
        history(stores, Path(name), given.keep, cubes) as (installation, filled),
    ):
        print(filled.summary, file=sys.stderr, flush=True)
        key = installation.call("keys", "add", "reports", "--scope", "reports:read", "--unlimited")
        # Reports by the hour of the day are asked of a whole year.
        with installation.running_service(settings={"QUOTE_ANALYTICS_HOUR_DAYS": str(DAYS + 31)}) as target:
            while given.wait_for and not given.wait_for.exists():
                time.sleep(0.5)
            caller = Caller(target.url.removesuffix(QUOTE_PATH), key, (target.pid, stores.postgres_pid))
            print(f"{filled.summary}, load average {os.getloadavg()[0]:.1f}\n")
            if given.sweep:
                return _print_slowest(caller, filled.today)
            return _report(measure(caller, given.rounds, filled.today), given.rounds, given.figures)


def _print_slowest(caller: Caller, today: date) -> int:
    print("| the slowest questions | CPU p50 ms | CPU most ms |\n|---|---|---|")
    most = 0.0
    for question, cpu_ms in slowest(caller, today, _SLOWEST, _SWEEP_ROUNDS):
        most = max(most, cpu_ms[-1])
        print(f"| {question} | {cpu_ms[len(cpu_ms) // 2]:.1f} | {cpu_ms[-1]:.1f} |")
    return int(most > GOAL_MS)


def _report(times: dict[str, list[Taken]], rounds: int, figures: Path | None) -> int:
    print("| report | p50 ms | p95 ms | CPU p50 ms | CPU p95 ms |\n|---|---|---|---|---|")
    slow, slowest_ms = 0, 0.0
    for report, taken in times.items():
        columns = [sorted(column) for column in zip(*taken, strict=True)]
        reported = [column[place] for column in columns for place in (len(column) // 2, int(len(column) * 0.95))]
        slow += reported[1] > GOAL_MS
        slowest_ms = max(slowest_ms, reported[1])
        print(f"| {report} | {' | '.join(f'{figure:.1f}' for figure in reported)} |")
    if figures:
        _keep(figures, rounds, 100 * (1 - slow / len(times)), slowest_ms)
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
