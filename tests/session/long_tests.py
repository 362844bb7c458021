"""Processor time of each test, and in the summary how many are long: those that say why, and those that do not.

    @pytest.mark.long("every operation of the description against its examples")

A plugin of pytest. What counts is the test and the fixtures that are its own, with all processes that they start; not what a
module or session shares, which the first of its tests sets up. Nothing fails here: another machine takes another time.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from tests.session.processor_time import Stopwatch

LIMIT_SECONDS = "3"
_TOOK = "processor seconds"
_WHY = "long because"
_WATCH = Stopwatch()
_SHARED: list[float] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("long_test_seconds", "processor time above which a test is long", default=LIMIT_SECONDS)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"long(reason): takes more than {LIMIT_SECONDS} s of processor time")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        marker = item.get_closest_marker("long")
        if marker is not None and (len(marker.args) != 1 or not str(marker.args[0]).strip()):
            raise pytest.UsageError(f"{item.nodeid}: long wants its reason")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    _SHARED.clear()
    _WATCH.start()
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
    if fixturedef.scope == "function":
        return (yield)
    before, inner = _WATCH.read(), len(_SHARED)
    try:
        return (yield)
    finally:
        _SHARED.append(_WATCH.read() - before - sum(_SHARED[inner:]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    if call.when == "call":
        limit = _limit_of(item.config)
        took = max(_WATCH.taken(at_least=limit) - sum(_SHARED), 0.0)
        marker = item.get_closest_marker("long")
        if marker is not None:
            item.user_properties.append((_WHY, str(marker.args[0])))
        if took > limit or marker is not None:
            item.user_properties.append((_TOOK, took))
    return (yield)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    marked: list[float] = []
    unmarked: list[tuple[float, str]] = []
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            known = dict(report.user_properties)
            if report.when == "call" and _TOOK in known:
                if _WHY in known:
                    marked.append(known[_TOOK])
                else:
                    unmarked.append((known[_TOOK], report.nodeid))
    if not marked and not unmarked:
        return
    terminalreporter.section(f"tests of more than {_limit_of(config):g} s of processor time")
    terminalreporter.write_line(
        f"{len(marked)} marked with their reason, {sum(marked):.0f} s; {len(unmarked)} not marked"
    )
    for took, test in sorted(unmarked, reverse=True):
        terminalreporter.write_line(f"{took:5.1f} s {test}", yellow=True)


def _limit_of(config: pytest.Config) -> float:
    return float(config.getini("long_test_seconds"))
