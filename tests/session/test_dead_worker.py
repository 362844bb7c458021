"""A process of the run that dies: its test fails, the run goes on and ends, and nothing that it started is left."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from quote_service.lab.embedded.processes import OwnedProcess, command_of
from tests.embedded.conftest import eventually
from tests.session.inner_run import InnerRun, distribution

pytestmark = [
    pytest.mark.second_try("kills processes of a run of tests"),
    pytest.mark.long("runs of pytest within a test, with services that they start"),
]

# It dies when the other process has no more to do; of its own file it leaves a single test, and another file after that.
# By file (`--dist loadfile`) the process in its place is given that one test, waits for a second, and so for ever.
DIES = """
import os, pathlib, signal, time

DIED = pathlib.Path("{folder}/died")

def test_first():
    pass

def test_dies():
    while not pathlib.Path("{folder}/others-are-done").exists():
        time.sleep(0.01)
    if not DIED.exists():
        DIED.touch()
        os.kill(os.getpid(), signal.SIGKILL)
"""
OTHERS = """
import pathlib

def test_one():
    pass

def test_two():
    pathlib.Path("{folder}/others-are-done").touch()
"""
AFTER = """
def test_one():
    pass

def test_two():
    pass
"""
# A service that runs without its servers, and a test that never ends.
STARTS = """
import base64, pathlib, secrets, time
from tests.fixtures.service import Started

def test_starts():
    folder = pathlib.Path("{folder}")
    settings = {{"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}}
    keys = {{f"QUOTE_{{name}}_KEYS": "k:" + base64.b64encode(secrets.token_bytes(32)).decode() for name in ("JWT", "SIGNING", "RECEIPT")}}
    started = Started(["serve", "--port", "0"], folder / "serve.log", {{**settings, **keys}}, forked={forked})
    while '"listening"' not in started.output():
        assert started.process.poll() is None, started.output()
        time.sleep(0.01)
    (folder / "pid.part").write_text(str(started.process.pid))
    (folder / "pid.part").rename(folder / "pid")
    {then}
"""
KILLS_ITSELF = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
STAYS = "time.sleep(600)"


def _was_started(folder: Path) -> Callable[[], bool]:
    return (folder / "pid").exists


def _is_gone(pid: int) -> Callable[[], bool]:
    return lambda: "quote_service" not in command_of(pid) and "fork_server" not in command_of(pid)


def test_the_run_goes_on_without_a_process_that_died(inner: InnerRun) -> None:
    folder = inner.folder
    inner.write(test_a=DIES.format(folder=folder), test_b=OTHERS.format(folder=folder), test_c=AFTER)
    assert inner.run(*distribution()) == 1, inner.output
    assert inner.counts() == {"failed": 1, "passed": 5}, inner.output
    assert "crashed while running 'test_a.py::test_dies'" in inner.output


@pytest.mark.parametrize("forked", [False, True], ids=["by the command line", "forked"])
def test_a_process_that_dies_takes_what_it_started_with_it(inner: InnerRun, forked: bool) -> None:
    inner.write(test_a=STARTS.format(folder=inner.folder, forked=forked, then=KILLS_ITSELF), test_b=AFTER)
    assert inner.run(*distribution()) == 1, inner.output
    assert inner.counts() == {"failed": 1, "passed": 2}, inner.output
    eventually(_is_gone(int((inner.folder / "pid").read_text())), "the service has ended")


@pytest.mark.parametrize(("sent", "forked"), [(signal.SIGTERM, False), (signal.SIGKILL, False), (signal.SIGKILL, True)])
def test_a_run_that_is_killed_takes_what_it_started_with_it(
    inner: InnerRun, sent: signal.Signals, forked: bool
) -> None:
    inner.write(test_a=STARTS.format(folder=inner.folder, forked=forked, then=STAYS))
    process = inner.start()
    try:
        eventually(_was_started(inner.folder), "the service is started")
        pid = int((inner.folder / "pid").read_text())
        assert not _is_gone(pid)()
    finally:
        os.kill(process.pid, sent)
        process.communicate(timeout=60)
    eventually(_is_gone(pid), "the service has ended")
    assert process.returncode == -sent


def test_a_process_that_has_ended_is_not_signalled_again(tmp_path: Path) -> None:
    for collect in (OwnedProcess.poll, OwnedProcess.wait):
        process = OwnedProcess(["/bin/true"], last_signal="KILL", stdin=subprocess.DEVNULL)
        guard = process._guard
        assert guard is not None
        eventually(partial(_has_ended, process, collect), "it has ended")
        assert guard.returncode is not None


def _has_ended(process: OwnedProcess, collect: Callable[[OwnedProcess], int | None]) -> bool:
    return collect(process) is not None
