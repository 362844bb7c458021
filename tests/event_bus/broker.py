"""A broker that speaks Kafka's protocol: the program of the package `noida-db`, which is for tests alone.

Of what it offers, only Kafka is started. It warns of a symbol that older C libraries lack, and runs without.
"""

from __future__ import annotations

import socket
import subprocess
import time
from importlib.resources import files
from pathlib import Path

from quote_service.lab.embedded.ports import free_port
from quote_service.lab.embedded.processes import OwnedProcess

START_SECONDS = 120.0


class Broker:
    """One broker, which may be stopped and started again on the same port with what it had kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._process: OwnedProcess | None = None
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        program = str(files("noida_db").joinpath("noida-db"))
        with (self.folder / "output.log").open("ab") as output:
            self._process = OwnedProcess(
                [
                    program,
                    "start",
                    "--only",
                    "kafka",
                    "--kafka-port",
                    str(self.port),
                    "--data-dir",
                    str(self.folder / "data"),
                ],
                last_signal="KILL",
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._listens():
            assert self._process.poll() is None, (self.folder / "output.log").read_text()
            assert time.monotonic() < deadline, "the broker does not listen"
            time.sleep(0.02)

    def stop(self) -> None:
        """SIGTERM: it keeps what it has. Killed, this one forgets the last seconds, which a real one's copies are for."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(START_SECONDS)
            self._process = None

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True
