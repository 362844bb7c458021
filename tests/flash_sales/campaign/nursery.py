"""Processes of the service by the dozen: one process imports the service, and each `serve` or `worker` is a fork of it.

A fork has everything that a start by the command line has, its own settings and log, and a process id to be killed by;
it spares the second that the imports take. Run as a program, this is the process that forks: it takes one JSON line for
each start or question on its standard input and ends all its children when that is closed.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

STOP_SECONDS = 120.0
# What `quote-service` keeps to itself while it is in production: a process that may be told where to die.
CRASH_AT = "QUOTE_CRASH_AT"


class Child:
    """One process of the service."""

    def __init__(self, nursery: Nursery, pid: int, log: Path) -> None:
        self._nursery = nursery
        self.pid = pid
        self.log = log
        self._status: int | None = None

    def status(self) -> int | None:
        """None while it runs; then its exit status, or minus the signal that ended it."""
        if self._status is None:
            self._status = self._nursery.ask({"status_of": self.pid})
        return self._status

    def send(self, sent: signal.Signals) -> None:
        """Send a signal; nothing happens when it has ended."""
        if self.status() is None:
            os.kill(self.pid, sent)

    def kill(self) -> None:
        """SIGKILL, and wait for the end."""
        self.send(signal.SIGKILL)
        self.wait()

    def wait(self) -> int:
        """Its status once it has ended."""
        deadline = time.monotonic() + STOP_SECONDS
        while (status := self.status()) is None:
            assert time.monotonic() < deadline, f"process {self.pid} does not end"
            time.sleep(0.005)
        return status

    def output(self) -> str:
        return self.log.read_text(errors="replace")


class Nursery:
    """The forking process, as its user sees it; may be called from several threads."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=Path(__file__).parents[3],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # a Ctrl-C is for its user, whose end is what ends it and its children
        )

    def start(self, arguments: list[str], log: Path, environment: Mapping[str, str], crash_at: str = "") -> Child:
        """Start `quote-service` with these arguments and settings.

        Args:
            arguments: `serve ...` or `worker`.
            log: Its output is added to this file.
            environment: Settings; no others reach it.
            crash_at: Where it dies; it is a process in development then.
        """
        log.touch(0o600)  # it may die before it has opened it
        asked = {"arguments": arguments, "log": str(log), "environment": dict(environment), "crash_at": crash_at}
        return Child(self, self.ask(asked), log)

    def ask(self, question: Mapping[str, Any]) -> Any:
        """One question, and its answer."""
        with self._turn:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()


def main() -> None:
    """Fork on request until standard input is closed."""
    # Imported here: whoever only talks to this process needs none of it.
    import quote_service.cli.serve
    import quote_service.cli.worker  # noqa: F401

    gc.freeze()
    children: set[int] = set()
    while line := sys.stdin.readline():
        asked = json.loads(line)
        if "status_of" in asked:
            answer = _status_of(asked["status_of"], children)
        else:
            assert threading.active_count() == 1, "a fork of a process with threads may hang"
            answer = os.fork()
            if answer == 0:
                _become(asked)
            children.add(answer)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    for pid in children:
        os.kill(pid, signal.SIGKILL)
    for pid in children:
        os.waitpid(pid, 0)


def _status_of(pid: int, children: set[int]) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    if not ended:
        return None
    children.discard(pid)
    return os.waitstatus_to_exitcode(status)


def _become(asked: Mapping[str, Any]) -> None:
    """Go on as a process of the service; never returns."""
    status = 1
    try:
        nothing = os.open(os.devnull, os.O_RDONLY)
        log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for ours, its in ((0, nothing), (1, log), (2, log)):
            os.dup2(its, ours)
        os.setsid()
        for name in [name for name in os.environ if name.startswith(("QUOTE_", "DATABASE_", "REDIS_"))]:
            del os.environ[name]
        os.environ.update(asked["environment"])
        if asked["crash_at"]:
            _run_in_development(asked["arguments"], asked["crash_at"])
            status = 0
        else:
            from quote_service.cli import main as quote_service

            ended_with = quote_service(asked["arguments"], standalone_mode=False)
            status = ended_with if isinstance(ended_with, int) else 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # noqa: BLE001 (the last handler of this process)
        sys.excepthook(*sys.exc_info())
    finally:
        with contextlib.suppress(ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _run_in_development(arguments: list[str], crash_at: str) -> None:
    """What `serve` and `worker` run, as a service in development does: there alone a point can be armed."""
    from quote_service.serving.background import run_background
    from quote_service.serving.one_worker import run_worker
    from quote_service.serving.sockets import bind_sockets
    from quote_service.settings import read_settings
    from quote_service.telemetry.logs import configure_logs

    settings = read_settings(os.environ, development=True)
    os.environ[CRASH_AT] = crash_at
    configure_logs(settings.log_level)
    if arguments[0] == "serve":
        run_worker(settings, bind_sockets(settings.host, settings.port, 1)[0])
    else:
        run_background(settings)


if __name__ == "__main__":
    main()
