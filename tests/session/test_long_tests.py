"""The processor time of tests with all that they start, and the long ones counted at the end of a run."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.session.inner_run import InnerRun
from tests.session.processor_time import ProcessorTime

PLUGINS = ("-p", "tests.session.long_tests", "-o", "long_test_seconds=0.2")
BURN = "import time; end = time.process_time() + 0.4\nwhile time.process_time() < end: sum(range(1000))"
TESTS = f"""
        import subprocess, sys
        import pytest

        BURN = {BURN!r}

        @pytest.fixture(scope="module")
        def shared():
            exec(BURN)

        @pytest.fixture
        def own():
            exec(BURN)

        def test_quick():
            pass

        def test_what_is_shared_does_not_count(shared):
            pass

        def test_what_is_its_own_does(own):
            pass

        def test_what_it_starts_does():
            subprocess.run([sys.executable, "-c", BURN], check=True)

        @pytest.mark.long("it burns")
        def test_marked():
            exec(BURN)
"""


@pytest.mark.parametrize("more", [(), ("-n", "2")], ids=["alone", "in two"])
def test_long_tests_are_counted_and_those_without_a_reason_named(inner: InnerRun, more: tuple[str, ...]) -> None:
    inner.write(test_it=TESTS)
    assert inner.run(*PLUGINS, *more) == 0
    shown = inner.output.split("tests of more than 0.2 s of processor time")[1]
    assert "1 marked with their reason" in shown
    assert "2 not marked" in shown
    assert "test_what_is_its_own_does" in shown
    assert "test_what_it_starts_does" in shown
    assert "test_quick" not in shown
    assert "test_what_is_shared" not in shown


def test_a_mark_without_a_reason_is_refused(inner: InnerRun) -> None:
    inner.write(test_it="import pytest\n\n@pytest.mark.long\ndef test_it():\n    pass\n")
    assert inner.run(*PLUGINS) != 0
    assert "long wants its reason" in inner.output


def test_processes_count_while_they_run_and_after() -> None:
    meter = ProcessorTime()
    before = meter.seconds()
    burning = subprocess.Popen([sys.executable, "-c", f"{BURN}\nprint(flush=True); input()"], stdin=-1, stdout=-1)
    assert burning.stdout is not None
    burning.stdout.readline()
    assert meter.seconds() - before > 0.35
    burning.communicate(b"\n")
    assert meter.seconds() - before > 0.35
