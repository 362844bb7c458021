"""A cluster of Apache Spark on loopback, of the jars and programs that pyspark brings: a master, and a worker that runs executors.

Each is a process to be killed, and started again in its place.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from quote_service.lab.embedded.ports import free_port
from quote_service.lab.embedded.processes import OwnedProcess

START_SECONDS = 300.0
_LOOPBACK = "127.0.0.1"


class SparkCluster:
    """One master and one worker of two cores; `master` is what SPARK_MASTER says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._port, self._page = free_port(), free_port()
        self.master = f"spark://{_LOOPBACK}:{self._port}"
        self._processes: dict[str, OwnedProcess] = {}

    def start_master(self) -> None:
        ports = ["--port", str(self._port), "--webui-port", str(self._page)]
        self._start("master", "org.apache.spark.deploy.master.Master", "--host", _LOOPBACK, *ports)
        self._until("the master answers", self._answers)

    def start_worker(self) -> None:
        """Returns once the master has it."""
        known = {worker["id"] for worker in self.state()["workers"]}
        room = ["--cores", "2", "--memory", "2g", "--work-dir", str(self.folder / "executors")]
        ports = ["--webui-port", str(free_port())]
        self._start("worker", "org.apache.spark.deploy.worker.Worker", "--host", _LOOPBACK, *ports, *room, self.master)
        self._until("the master has the worker", lambda: self._has_worker(known))

    def kill(self, name: str) -> None:
        """SIGKILL to the `master` or the `worker`, whose executors end by themselves then."""
        process = self._processes.pop(name)
        process.kill()
        process.wait(START_SECONDS)

    def stop(self) -> None:
        for name in list(self._processes):
            self.kill(name)

    def state(self) -> dict[str, Any]:
        """What the master says of its workers and applications."""
        with urllib.request.urlopen(f"http://{_LOOPBACK}:{self._page}/json/", timeout=30) as answer:
            body: dict[str, Any] = json.load(answer)
        return body

    def cores_in_use(self) -> int:
        """Of all applications' executors."""
        return sum(worker["coresused"] for worker in self.state()["workers"] if worker["state"] == "ALIVE")

    def _has_worker(self, known: set[str]) -> bool:
        return any(worker["id"] not in known and worker["state"] == "ALIVE" for worker in self.state()["workers"])

    def _start(self, name: str, *command: str) -> None:
        spec = find_spec("pyspark")
        assert spec is not None
        assert spec.origin is not None
        program = Path(spec.origin).parent / "bin/spark-class"
        with self._log(name).open("ab") as output:
            self._processes[name] = OwnedProcess(
                [str(program), *command],
                last_signal="KILL",
                cwd=self.folder,
                env={
                    **os.environ,
                    "SPARK_LOCAL_IP": _LOOPBACK,
                    "SPARK_DAEMON_MEMORY": "256m",
                    "SPARK_LOCAL_DIRS": str(self.folder / "spilled"),
                    # The packages of this process are those of the executors: the same release of everything.
                    "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                },
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def _answers(self) -> bool:
        try:
            self.state()
        except (OSError, json.JSONDecodeError):  # no listener yet, or no page, or an empty one
            return False
        return True

    def _until(self, what: str, holds: Any) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not holds():
            for name, process in self._processes.items():
                assert process.poll() is None, self._log(name).read_text()
            assert time.monotonic() < deadline, f"not in time: {what}"
            time.sleep(0.05)

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"
