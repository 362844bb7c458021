"""`make run` compiles beside the service: the service starts at once, and what compiles ends with it, however it ends."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.deploy.deployment_tools import ROOT
from tests.fixtures.serve import until

pytestmark = pytest.mark.second_try("kills processes that have just been started")

SCRIPT = str(ROOT / "deploy/compile_meanwhile.py")


def start(log: Path, compiling: list[str], command: list[str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, SCRIPT, str(log), *compiling, "--", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_the_service_runs_in_the_place_of_what_started_it(tmp_path: Path) -> None:
    started = start(tmp_path / "log", python("pass"), python("import os; print(os.getpid())"))
    reported, _ = started.communicate(timeout=60)
    assert "Starting as plain Python" in reported
    assert str(started.pid) in reported.splitlines()


def test_it_shows_when_the_next_start_is_compiled(tmp_path: Path) -> None:
    started = start(tmp_path / "log", python("print('machine code')"), python("input()"))
    output = read_until(started, "The quote path is compiled")
    started.communicate("\n", timeout=60)
    assert "cannot" not in output
    assert (tmp_path / "log").read_text() == "machine code\n"


def test_it_shows_where_the_reason_is_when_it_cannot_compile(tmp_path: Path) -> None:
    log = tmp_path / "build" / "log"
    started = start(log, python("raise SystemExit('no such header')"), python("input()"))
    output = read_until(started, "cannot be compiled")
    started.communicate("\n", timeout=60)
    assert str(log) in output.splitlines()[-1]
    assert log.read_text() == "no such header\n"
    assert started.returncode == 0


@pytest.mark.parametrize("last", [signal.SIGTERM, signal.SIGKILL])
def test_compiling_ends_with_the_service(tmp_path: Path, last: signal.Signals) -> None:
    # The compiler is started by what is started, as by make.
    pids = tmp_path / "pids"
    inner = f"import os, signal; open({str(pids)!r}, 'a').write(f'{{os.getpid()}} '); signal.pause()"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    started = start(tmp_path / "log", python(outer), python("import signal; signal.pause()"))
    until(lambda: pids.exists() and pids.read_text().endswith(" "), "compiling has begun")
    compiler = psutil.Process(int(pids.read_text()))
    assert compiler.nice() == 19
    started.send_signal(last)
    assert started.wait(60) == -last
    until(lambda: not is_running(compiler), "compiling has ended")


def is_running(process: psutil.Process) -> bool:
    return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)


def read_until(started: "subprocess.Popen[str]", wanted: str) -> str:
    assert started.stdout is not None
    reported = ""
    for line in started.stdout:
        reported += line
        if wanted in line:
            return reported
    return pytest.fail(f"never told: {wanted}\n{reported}")
