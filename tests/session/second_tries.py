"""Tells what failed before a second try passed: a test that needs two is a defect to mend, and no secret.

A plugin of pytest, beside pytest-rerunfailures, whose own summary names such tests without saying what went wrong.

Source: docs/decisions/second-tries.md.
"""

from __future__ import annotations

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = terminalreporter.getreports("rerun")
    if not reports:
        return
    terminalreporter.section("FAILED AT FIRST, TRIED ONCE MORE", yellow=True)
    for report in reports:
        terminalreporter.write_line(f"{report.nodeid} ({report.when})", yellow=True)
        report.toterminal(terminalreporter._tw)
