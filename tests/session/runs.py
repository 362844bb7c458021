"""What a target of the Makefile ran, kept for the sum of several: `--run build/runs/test-browser`.

A plugin of pytest. `python -m tests.session.runs FOLDER` prints a line for each run that is kept there and, as the last one,
the sum of all as pytest writes it.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import msgspec
import pytest

# In the order of pytest's own summary. What "deselected" and "warnings" say is no outcome of a test.
OUTCOMES = {
    "failed": "failed",
    "passed": "passed",
    "skipped": "skipped",
    "xfailed": "xfailed",
    "error": "errors",
    "rerun": "rerun",
}
_STARTED = time.monotonic()


class Totals(msgspec.Struct):
    """Outcomes of a run with their numbers, and the seconds that it took."""

    counts: dict[str, int]
    seconds: float


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--run", type=Path, metavar="FOLDER/NAME", help="keep the outcome, and try marked tests twice")


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    run: Path | None = config.getoption("run")
    if run is None or hasattr(config, "workerinput"):
        return
    counts = {outcome: len(terminalreporter.getreports(outcome)) for outcome in OUTCOMES}
    run.parent.mkdir(parents=True, exist_ok=True)
    run.with_suffix(".json").write_bytes(msgspec.json.encode(Totals(counts, time.monotonic() - _STARTED)))


def sum_up(folder: Path) -> str:
    """The lines of the runs in a folder, in the order in which they ended, and their sum."""
    files = sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime)
    runs = [(file.stem, msgspec.json.decode(file.read_bytes(), type=Totals)) for file in files]
    total = {outcome: sum(run.counts.get(outcome, 0) for _, run in runs) for outcome in OUTCOMES}
    seconds = sum(run.seconds for _, run in runs)
    lines = [f"{name}: {_written(run.counts)} in {run.seconds:.0f}s" for name, run in runs]
    return "\n".join([*lines, f" {_written(total)} in {seconds:.2f}s ".center(80, "=")])


def _written(counts: dict[str, int]) -> str:
    return ", ".join(f"{counts[name]} {word}" for name, word in OUTCOMES.items() if counts.get(name)) or "no tests ran"


if __name__ == "__main__":
    sys.stdout.write(sum_up(Path(sys.argv[1])) + "\n")
