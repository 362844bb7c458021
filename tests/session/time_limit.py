"""A limit of time for every test with its fixtures, made ready and taken down: the test fails, the run goes on and ends.

A plugin of pytest. At the limit the stacks of all threads and tasks are printed and whatever the main thread does is
interrupted; again every `AGAIN_SECONDS`, until the test and what it leaves to be taken down have ended, because a loop
that swallows its cancellation holds up its teardown too. What cannot be interrupted, as a call in C that never returns,
ends with the process; with xdist another one goes on in its place.

pytest-timeout is not used: it lets go of a test once it has failed, so that a teardown after that may take for ever
(its issue 196); it interrupts once; and it knows nothing of tasks.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
from collections.abc import Generator
from types import FrameType

import pytest
from _pytest.outcomes import OutcomeException

from tests.session.stacks import all_stacks

LIMIT_SECONDS = "240"
AGAIN_SECONDS = 30.0
# From the limit on; in this time what is interrupted may be taken down in order.
GRACE_SECONDS = 180.0
# After the last test, for threads that the interpreter waits for.
EXIT_SECONDS = 60.0

_EXCEEDED = pytest.StashKey[str]()
_MAY_BE_INTERRUPTED = pytest.StashKey[bool]()
_REPORTED = pytest.StashKey[bool]()
_STDERR = pytest.StashKey[int]()


class TimeLimitExceeded(OutcomeException):
    """Neither an `Exception` nor pytest's own failure, so that neither `except Exception` nor Hypothesis keeps it."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("time_limit", "seconds that a test may take with its fixtures", default=LIMIT_SECONDS)
    parser.addini("time_limit_again", "seconds between interruptions", default=str(AGAIN_SECONDS))
    parser.addini("time_limit_grace", "seconds from the limit to the end of the process", default=str(GRACE_SECONDS))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "time_limit(seconds): what this test may take, in place of the usual limit")
    assert sys.__stderr__ is not None
    config.stash[_STDERR] = os.dup(sys.__stderr__.fileno())  # before the output of tests is captured


def pytest_unconfigure(config: pytest.Config) -> None:
    os.close(config.stash[_STDERR])
    # The interpreter joins every thread that is not a daemon; one that never ends would keep the run from ending.
    assert sys.__stderr__ is not None
    faulthandler.dump_traceback_later(EXIT_SECONDS, exit=True, file=sys.__stderr__)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, object, object]:
    limit = _limit_of(item)
    again, grace = (float(item.config.getini(name)) for name in ("time_limit_again", "time_limit_grace"))

    def interrupt(signal_number: int, frame: FrameType | None) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)  # writing the stacks may take longer than a pause
        message = f"{item.nodeid} took more than its {limit:g} s"
        reported = f"{message}\n{all_stacks()}\n"
        os.write(item.config.stash[_STDERR], f"\n{reported}".encode(errors="replace"))
        if _EXCEEDED not in item.stash:
            item.add_report_section("test", "stacks at its time limit", reported)
            item.stash[_EXCEEDED] = message
        signal.setitimer(signal.ITIMER_REAL, again)
        if not item.stash.get(_MAY_BE_INTERRUPTED, False):
            return  # pytest itself is at work, on its report for one
        raise TimeLimitExceeded(message)

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, limit)
    # Not pytest's own `faulthandler_timeout`, which lets go of a test once it has failed.
    faulthandler.dump_traceback_later(limit + grace, exit=True, file=item.config.stash[_STDERR])
    try:
        return (yield)
    finally:
        _let_go()
        signal.signal(signal.SIGALRM, before)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from _interruptible(item))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from _interruptible(item))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from _interruptible(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    message = item.stash.get(_EXCEEDED, None)
    if message is not None and report.when == "teardown" and not report.failed and not item.stash.get(_REPORTED, False):
        report.outcome, report.longrepr = "failed", message  # somebody has swallowed every interruption
    item.stash[_REPORTED] = report.failed or item.stash.get(_REPORTED, False)
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_enter_pdb() -> None:
    _let_go()


def _interruptible(item: pytest.Item) -> Generator[None, object, object]:
    item.stash[_MAY_BE_INTERRUPTED] = True
    try:
        return (yield)
    finally:
        item.stash[_MAY_BE_INTERRUPTED] = False


def _limit_of(item: pytest.Item) -> float:
    marker = item.get_closest_marker("time_limit")
    return float(item.config.getini("time_limit") if marker is None else marker.args[0])


def _let_go() -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)
    faulthandler.cancel_dump_traceback_later()
