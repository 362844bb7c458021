"""Child processes that outlive a Ctrl-C but not us, and the left-overs of an earlier run.

A server gets a session of its own, so the terminal's SIGINT and SIGHUP do not reach it. Beside it runs a guard: a
shell that waits on a pipe only we hold open and ends the server when that pipe closes, however we ended. (PDEATHSIG
would do it on Linux alone, and fires when the starting *thread* ends.) A second pipe, inherited by everything the
server forks, reads end-of-file once the last of them is gone. A process forked from ours without exec holds both
pipes too, and so keeps the server alive as long as itself.
"""

from __future__ import annotations

import contextlib
import os
import platform
import select
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from quote_service.lab.embedded.accounts import Account
from quote_service.lab.embedded.errors import ServerDidNotStop

# SIGCONT last: a frozen server sees the first signal only when it runs again.
GUARD_SCRIPT = 'read -r _; kill -s "$1" "$2"; kill -s CONT "$2"'
# Nothing of ours (PGOPTIONS, credentials) reaches the servers; C messages are the ones we can recognise in a log.
ENVIRONMENT = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "TZ": "UTC"}
# But what is preloaded into us is preloaded into them: an allocator, a clock.
if "LD_PRELOAD" in os.environ:
    ENVIRONMENT["LD_PRELOAD"] = os.environ["LD_PRELOAD"]


class OwnedProcess(subprocess.Popen[bytes]):
    """A process that does not outlive us: a guard beside it ends it when we are gone, however that came about."""

    def __init__(self, command: Sequence[str], *, last_signal: str, **options: Any) -> None:
        """Start the command.

        Args:
            command: The program and its arguments.
            last_signal: Name (without SIG) of the signal the guard sends when we are gone.
            options: As `subprocess.Popen` takes them.
        """
        self._guard: subprocess.Popen[bytes] | None = None  # first: a command that cannot be started is collected too
        super().__init__(list(command), **options)
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", GUARD_SCRIPT, "guard", last_signal, str(self.pid)],
            cwd="/",
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def poll(self) -> int | None:
        """As `Popen.poll`."""
        status = super().poll()
        if status is not None:
            self._send_guard_home()
        return status

    def wait(self, timeout: float | None = None) -> int:
        """As `Popen.wait`."""
        status = super().wait(timeout)
        self._send_guard_home()
        return status

    def _send_guard_home(self) -> None:
        # As soon as the process id is collected it may become somebody else's.
        if self._guard is None:
            return
        self._guard.kill()
        self._guard.wait()
        if self._guard.stdin is not None:
            self._guard.stdin.close()
        self._guard = None


class GuardedProcess:
    """A started server process with its guard."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        log: IO[bytes],
        account: Account | None,
        last_signal: str,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start the command.

        Args:
            command: Absolute path of the program, then its arguments.
            cwd: Its working directory.
            log: Where its output goes.
            account: Who runs it; None for ourselves.
            last_signal: Name (without SIG) of the signal the guard sends when we are gone.
            environment: More variables for the server.
        """
        self._lifeline, inherited = os.pipe()
        try:
            self._server = OwnedProcess(
                command,
                last_signal=last_signal,
                cwd=cwd,
                env={**ENVIRONMENT, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=(inherited,),
                start_new_session=True,
                umask=0o077,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
        except BaseException:
            os.close(self._lifeline)
            raise
        finally:
            os.close(inherited)
        self._all_gone = False

    @property
    def pid(self) -> int:
        return self._server.pid

    def is_running(self) -> bool:
        return self._server.poll() is None

    def send(self, sent: signal.Signals) -> None:
        """Send a signal; nothing happens when the process has ended."""
        self._server.send_signal(sent)

    def wait(self, seconds: float) -> bool:
        """Whether the server process itself ended within the time."""
        try:
            self._server.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def wait_for_all(self, seconds: float) -> bool:
        """Whether the server and everything it forked ended within the time."""
        deadline = time.monotonic() + seconds
        if not self.wait(seconds):
            return False
        if not self._all_gone:
            waiting = select.poll()
            waiting.register(self._lifeline, select.POLLIN)
            if not waiting.poll(max(0.0, deadline - time.monotonic()) * 1000):
                return False
            self._all_gone = True
            os.close(self._lifeline)
        return True


def command_of(pid: int) -> str:
    """The command line of a process; empty when there is none, or it has ended and waits to be collected."""
    if platform.system() == "Linux":
        try:
            return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" "))
        except (FileNotFoundError, ProcessLookupError):
            return ""
    listing = subprocess.run(
        ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return listing.stdout.strip()


def exists(pid: int) -> bool:
    """Whether the process id is taken, be it by a process that has ended and waits to be collected."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def end_leftover(name: str, pid: int, marks: Sequence[str], gentle: signal.Signals, seconds: float) -> None:
    """End a server that an earlier run left behind, if there is one.

    Args:
        name: What the server is called in messages.
        pid: From its pid file; may long belong to somebody else.
        marks: Words its command line must all hold, or it is left alone.
        gentle: The signal that makes it stop in order; SIGKILL follows when it does not.
        seconds: How long it has to stop in order.

    Raises:
        ServerDidNotStop: It is there even after SIGKILL.
    """

    def is_there() -> bool:
        command = command_of(pid)
        return bool(command) and all(mark in command for mark in marks)

    for sent in (gentle, signal.SIGKILL):
        if not is_there():
            return
        with contextlib.suppress(ProcessLookupError):  # it may end between the look and the signal
            os.kill(pid, sent)
            os.kill(pid, signal.SIGCONT)
        deadline = time.monotonic() + seconds
        while is_there() and time.monotonic() < deadline:
            time.sleep(0.02)
    if is_there():
        raise ServerDidNotStop(name, pid)
