"""Tests at hours on which they might depend: `make test-clocks`.

Python, PostgreSQL, Valkey and the browser have the same clock, shifted by a library that is preloaded into all of them; the
monotonic clock stays. `--slowed` gives them one processor and three others who want it too.

Source: docs/decisions/second-tries.md.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

SOURCE = Path(__file__).parent / "session" / "shifted_clock.c"
# That all have one clock comes first.
CHECKED = "tests/session/test_clocks.py"
FOLDERS = (
    "demonstration", "signals", "market_analysis", "behaviour", "analytics", "price_decisions", "price_experiments", "campaigns",
    "ledger", "flash_sales", "catalog", "pricing_rules", "change_sets", "web",
)  # fmt: skip
HOURS = {
    name: timedelta(hours=int(name[:2]), minutes=int(name[3:]))
    for name in ("00:30", "06:00", "12:00", "22:30", "23:55")
}
MARCH, OCTOBER = 3, 10
RIVALS = 3
LONGEST_SECONDS = 7200
BURNS = f"import os, time; end = time.monotonic() + {LONGEST_SECONDS}; us = os.getppid()\nwhile os.getppid() == us and time.monotonic() < end: sum(range(100000))"


def instants_of(now: datetime) -> dict[str, datetime]:
    """The hours of today, the end of the month, and the half hour before clocks change in Europe."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    found = {name: today + hour for name, hour in HOURS.items()}
    found["month-end"] = _next_month(today) - timedelta(minutes=5)
    for name, month in (("march", MARCH), ("october", OCTOBER)):
        changes = (_last_sunday(year, month) for year in (now.year, now.year + 1))
        found[name] = next(at for at in changes if at > now) + timedelta(minutes=30)
    return found


def _next_month(day: datetime) -> datetime:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _last_sunday(year: int, month: int) -> datetime:
    last = _next_month(datetime(year, month, 1, tzinfo=UTC)) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def build_clock(shift: timedelta, folder: Path) -> Path:
    """The library of a shift, where every account can read it."""
    folder.chmod(0o755)
    seconds = int(shift.total_seconds())
    library = folder / f"shifted_{seconds}.so"
    flags = ["-shared", "-fPIC", "-O2", f"-DSHIFT_SECONDS={seconds}"]
    subprocess.run([str(shutil.which("cc")), *flags, str(SOURCE), "-o", str(library)], check=True)
    return library


def why_not() -> str:
    """Why no clock can be shifted here; empty where it can."""
    if not sys.platform.startswith("linux"):
        return "a library is preloaded into every process, which is done on Linux alone"
    return "" if shutil.which("cc") else "there is no C compiler"


@contextmanager
def rivals(processor: int | None) -> Iterator[None]:
    """Others that want the same processor; none where none is given."""
    started: list[subprocess.Popen[bytes]] = []
    try:
        if processor is not None:
            command = ["taskset", "-c", str(processor), sys.executable, "-c", BURNS]
            started.extend(subprocess.Popen(command) for _ in range(RIVALS))
        yield
    finally:
        for each in started:
            each.kill()
            each.wait()


def run_at(at: datetime, folder: Path, tests: list[str], *, zone: str | None, slowed: bool) -> int:
    """Run tests from an instant on; pytest's exit status."""
    library = build_clock(at - datetime.now(UTC), folder)
    environment = {**os.environ, "LD_PRELOAD": str(library), **({"TZ": zone} if zone else {})}
    processor = min(os.sched_getaffinity(0)) if slowed else None
    bound = [] if processor is None else ["taskset", "-c", str(processor)]
    with rivals(processor):
        return subprocess.run(
            [*bound, sys.executable, "-m", "pytest", "-q", *tests], env=environment, check=False
        ).returncode


def main() -> int:
    now = datetime.now(UTC)
    instants = instants_of(now)
    parser = argparse.ArgumentParser(prog='make test-clocks ARGS="..."', description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "--at", action="append", choices=[*instants], help="only this instant; may be given several times"
    )
    parser.add_argument("--slowed", action="store_true", help="on a quarter of one processor")
    chosen, tests = parser.parse_known_args()
    if reason := why_not():
        sys.stdout.write(f"Clocks are not shifted here: {reason}.\n")
        return 0
    failed = []
    with tempfile.TemporaryDirectory(prefix="clocks-") as folder:
        for name in chosen.at or instants:
            sys.stdout.write(f"\n== {name}: from {instants[name]:%Y-%m-%d %H:%M} UTC on\n")
            sys.stdout.flush()
            zone = "Europe/Berlin" if name in ("march", "october") else None
            wanted = [CHECKED, *(tests or [f"tests/{each}" for each in FOLDERS])]
            if run_at(instants[name], Path(folder), wanted, zone=zone, slowed=chosen.slowed):
                failed.append(name)
    sys.stdout.write(f"\nFailed at {', '.join(failed)}\n" if failed else "\nAll passed\n")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
