"""What both embedded servers do alike: start on a free port, stop in order, be killed, be left over."""

from __future__ import annotations

import contextlib
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from quote_service.lab.embedded.accounts import Account
from quote_service.lab.embedded.data_directory import DataDirectory
from quote_service.lab.embedded.errors import ServerDidNotStart, ServerDidNotStop
from quote_service.lab.embedded.ports import ports_to_try
from quote_service.lab.embedded.processes import GuardedProcess

POLL_SECONDS = 0.01
KILL_SECONDS = 15.0
# What the logs of both servers say when another process was quicker at the port.
PORT_LOST = "Address already in use"


class EmbeddedServer(ABC):
    """A server with a data directory of its own, at most one live process a directory."""

    name: ClassVar[str]
    stop_signals: ClassVar[tuple[tuple[signal.Signals, float], ...]]
    """Signals that stop it, gentlest first, each with the seconds it gets before the next."""
    start_seconds: ClassVar[float]

    def __init__(self, data_dir: Path, port: int | None, environment: Mapping[str, str] | None = None) -> None:
        self._directory = DataDirectory(data_dir)
        self._environment = dict(environment or {})
        self._wanted_port = port
        self._port: int | None = None
        self._process: GuardedProcess | None = None
        self._account: Account | None = None

    @abstractmethod
    def _prepare(self) -> None:
        """End a left-over, make what the server needs to start."""

    @abstractmethod
    def _command(self, port: int) -> Sequence[str]:
        """The program and its arguments."""

    @abstractmethod
    def _is_ready(self, pid: int, port: int) -> bool:
        """Whether the process takes commands on the port."""

    def _passing_trouble(self, log_tail: str) -> bool:
        """Whether it ended for something that goes away by itself."""
        return False

    @property
    def data_dir(self) -> Path:
        return self._directory.path

    @property
    def log_path(self) -> Path:
        return self._directory.log_path

    @property
    def port(self) -> int:
        """The port on 127.0.0.1; of the last start when it is stopped."""
        if self._port is None:
            raise RuntimeError(f"{self.name} has not been started")
        return self._port

    @property
    def pid(self) -> int:
        """The process id of the server, also after it ended."""
        if self._process is None:
            raise RuntimeError(f"{self.name} is not started")
        return self._process.pid

    def is_running(self) -> bool:
        """Whether the process is there (a frozen one is)."""
        return self._process is not None and self._process.is_running()

    def run_with(self, environment: Mapping[str, str]) -> None:
        """From the next start on, run with these variables in place of those it was made with."""
        self._environment = dict(environment)

    def start(self) -> None:
        """Start and return when commands are taken; nothing happens when it is running.

        A left-over of an earlier run on this directory is stopped first.

        Raises:
            EmbeddedServerError: One of its kinds, each with a sentence saying what to do.
        """
        if self.is_running():
            return
        self.kill()  # children of a crashed one may linger
        with contextlib.ExitStack() as undo:
            self._directory.claim()
            undo.callback(self._directory.release)
            self._prepare()
            undo.callback(self._end_all)
            self._port = self._start_on_a_port()
            self._directory.remember_port(self._port)
            undo.pop_all()

    def stop(self) -> None:
        """Stop in order, what was committed kept; by force when it does not. Nothing happens when it is not running.

        Raises:
            ServerDidNotStop: It is there even after SIGKILL.
        """
        for sent, seconds in self.stop_signals:
            if self._process is None or not self._process.is_running():
                break
            self._process.send(sent)
            self._process.send(signal.SIGCONT)
            if self._process.wait(seconds):
                break
        self.kill()

    def kill(self) -> None:
        """SIGKILL, as a crash would; returns when everything it forked is gone too.

        Raises:
            ServerDidNotStop: Something of it is there all the same.
        """
        self._end_all()
        self._directory.release()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _end_all(self) -> None:
        if self._process is None:
            return
        self._process.send(signal.SIGKILL)
        if not self._process.wait_for_all(KILL_SECONDS):
            raise ServerDidNotStop(self.name, self._process.pid)

    def _start_on_a_port(self) -> int:
        deadline = time.monotonic() + self.start_seconds
        for port in ports_to_try(self._wanted_port, self._directory.remembered_port()):
            while (reason := self._attempt(port, deadline)) is not None:
                tail = self._directory.log_tail()
                self._end_all()
                if PORT_LOST in tail:
                    break
                if not self._passing_trouble(tail) or time.monotonic() > deadline:
                    raise ServerDidNotStart(self.name, reason, self.log_path, tail)
                time.sleep(POLL_SECONDS)
            else:
                return port
        raise ServerDidNotStart(
            self.name, "other programs took every port it chose", self.log_path, self._directory.log_tail()
        )

    def _attempt(self, port: int, deadline: float) -> str | None:
        """Start once; None when it is ready, otherwise what went wrong."""
        with self._directory.open_log() as log:
            self._process = GuardedProcess(
                self._command(port),
                cwd=self._directory.path,
                log=log,
                account=self._account,
                last_signal=self.stop_signals[0][0].name.removeprefix("SIG"),
                environment=self._environment,
            )
        while True:
            if not self._process.is_running():
                return "it ended at once"
            if self._is_ready(self._process.pid, port):
                return None
            if time.monotonic() > deadline:
                return f"it was not ready within {self.start_seconds:.0f} s"
            time.sleep(POLL_SECONDS)
