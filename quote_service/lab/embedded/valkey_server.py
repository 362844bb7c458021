"""An embedded Valkey."""

from __future__ import annotations

import signal
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from quote_service.lab.embedded.binaries import valkey_program
from quote_service.lab.embedded.ports import LOOPBACK
from quote_service.lab.embedded.processes import end_leftover
from quote_service.lab.embedded.server import EmbeddedServer

ANSWER_SECONDS = 1.0


class ValkeyServer(EmbeddedServer):
    """A Valkey on 127.0.0.1 with a password; its data survives restarts, a crash costs the last second at most."""

    name: ClassVar[str] = "Valkey"
    stop_signals: ClassVar[tuple[tuple[signal.Signals, float], ...]] = ((signal.SIGTERM, 15.0),)
    start_seconds: ClassVar[float] = 30.0

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int | None = None,
        append_only: bool = True,
        settings: Mapping[str, str] | None = None,
        password: str | None = None,
        is_sentinel: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Describe the server; `start` starts it.

        Args:
            data_dir: Made if need be; nothing else may use it.
            port: None for the one of the last run if it is free, else any.
            append_only: False to keep nothing on disk, for tests.
            settings: More directives of valkey.conf by name; they win over the ones chosen here.
            password: None for one of its own; replicas and their primary have the same.
            is_sentinel: It watches others and holds no data.
            environment: More variables for the process.
        """
        super().__init__(data_dir, port, environment)
        self._shared_password = password
        self._mode = ["--sentinel"] if is_sentinel else []
        self._settings = {
            "bind": LOOPBACK,
            "appendonly": "yes" if append_only else "no",
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory-policy": "noeviction",  # stock, holds and limits live here: refusing a write beats forgetting one
            "daemonize": "no",
            "pidfile": "valkey.pid",
            "set-proc-title": "no",  # the command line names the data directory, so a left-over can be told
            **(settings or {}),
        }
        self._conf = self._directory.path / "valkey.conf"
        self._pid_file = self._directory.path / "valkey.pid"

    @property
    def url(self) -> str:
        """URL of database 0, with the password."""
        port = self.port  # first: it raises while there is no server to have a password
        return f"redis://:{self._directory.password()}@{LOOPBACK}:{port}/0"

    def directive(self, name: str) -> str:
        """A directive it is started with."""
        return self._settings[name]

    def freeze(self) -> None:
        """Stop the process without ending it (SIGSTOP): connections stay and nothing answers, until `thaw`."""
        if self._process is not None:
            self._process.send(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen process go on."""
        if self._process is not None:
            self._process.send(signal.SIGCONT)

    def _prepare(self) -> None:
        if self._shared_password is not None:
            self._directory.use_password(self._shared_password)
        if self._pid_file.exists():
            text = self._pid_file.read_text().strip()
            if text.isdecimal():
                end_leftover(self.name, int(text), ("valkey-server", str(self._conf)), signal.SIGTERM, seconds=15.0)
            self._pid_file.unlink(missing_ok=True)

    def _command(self, port: int) -> Sequence[str]:
        # In the file and not in the arguments: the password must not show in the list of processes.
        directives = {**self._settings, "port": str(port), "requirepass": self._directory.password()}
        self._directory.write_private(self._conf, "".join(f"{name} {value}\n" for name, value in directives.items()))
        return [str(valkey_program()), str(self._conf), *self._mode]

    def _is_ready(self, pid: int, port: int) -> bool:
        # Who takes this password is no stranger on the same port; while it reads its file it answers -LOADING.
        try:
            with socket.create_connection((LOOPBACK, port), timeout=ANSWER_SECONDS) as connection:
                connection.sendall(f"AUTH {self._directory.password()}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (part := connection.recv(512)):
                    answer += part
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"
