"""A second try for tests that are marked with the reason, and what failed before it passed.

    pytestmark = pytest.mark.second_try("kills processes while they start")

A plugin of pytest, beside pytest-rerunfailures, whose own summary names such tests without saying what went wrong. It works
where `--run` says that all of a target is run; otherwise every test is tried once. Beside the run's totals it keeps what
needed a second try in the last runs.

Source: docs/decisions/second-tries.md.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

FILE = "flaky.jsonl"
RUNS_KEPT = 30


class Run(msgspec.Struct):
    """One run, and the first error of each test that passed at its second try."""

    at: datetime
    failed_at_first: dict[str, str]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "second_try(reason): may fail for this reason, and is then tried once more")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        marker = item.get_closest_marker("second_try")
        if marker is None:
            continue
        if len(marker.args) != 1 or not str(marker.args[0]).strip():
            raise pytest.UsageError(f"{item.nodeid}: second_try wants its reason")
        if config.getoption("run", None) is not None:
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    run: Path | None = config.getoption("run", None)
    if run is None or hasattr(config, "workerinput"):
        return  # a worker of xdist knows only its own
    reports = terminalreporter.getreports("rerun")
    if reports:
        terminalreporter.section("FAILED AT FIRST, TRIED ONCE MORE", yellow=True)
    for report in reports:
        terminalreporter.write_line(f"{report.nodeid} ({report.when})", yellow=True)
        report.toterminal(terminalreporter._tw)
    failed = {report.nodeid for report in terminalreporter.getreports("failed")}
    passed_then = {report.nodeid: _error_of(report) for report in reports if report.nodeid not in failed}
    runs = keep(run.with_name(FILE), Run(datetime.now(UTC), passed_then))
    if lines := flaky_lines(runs):
        terminalreporter.section(f"flaky in the last {len(runs)} runs", yellow=True)
        for line in lines:
            terminalreporter.write_line(line, yellow=True)


def keep(file: Path, run: Run) -> list[Run]:
    """Add a run to the file; answers the last ones, this included."""
    runs = [*_read(file), run][-RUNS_KEPT:]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in runs))
    return runs


def flaky_lines(runs: list[Run]) -> list[str]:
    """Each test that needed a second try: how often, when last, and its last first error; the most frequent first."""
    seen: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for run in runs:
        for test, error in run.failed_at_first.items():
            seen[test].append((run.at, error))
    often_first = sorted(seen.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return [
        f"{len(tries)} x, last {tries[-1][0]:%Y-%m-%d %H:%M}: {test}: {tries[-1][1]}" for test, tries in often_first
    ]


def _read(file: Path) -> list[Run]:
    if not file.exists():
        return []
    try:
        return [msgspec.json.decode(line, type=Run) for line in file.read_bytes().splitlines()]
    except (msgspec.DecodeError, UnicodeDecodeError):
        return []  # half written when a run was killed: nothing rests on it


def _error_of(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    message = str(crash.message) if crash is not None else str(report.longrepr)
    return next(iter(message.splitlines()), "")[:200]
