"""The way into production of docs/production.md, word for word, against servers that are there already.

Source: docs/production.md#from-a-checkout.
"""

import os
import re
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from quote_service.lab.embedded.ports import free_port
from tests import readme

pytestmark = [
    pytest.mark.second_try("kills what the pasted commands have started"),
    pytest.mark.long("a whole installation, word for word"),
]

PATIENCE_SECONDS = 120.0


def production_blocks() -> list[str]:
    """Where the servers are; what is done once; what runs. Before them stands how the command is installed."""
    section = readme.text(readme.PRODUCTION).partition("## From a checkout\n")[2]
    return re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)[1:4]


def test_it_runs_as_it_stands(tmp_path: Path, new_empty_database_url: Callable[[], str], redis_url: str) -> None:
    where, once, running = production_blocks()
    assert re.findall(r"^export (\w+)=", where, re.MULTILINE) == ["DATABASE_URL", "REDIS_URL"]
    port, worker_port = free_port(), free_port()
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "DATABASE_URL": new_empty_database_url(),
        "REDIS_URL": redis_url,
        "QUOTE_PORT": str(port),
        "QUOTE_METRICS_PORT": "0",
        "QUOTE_WORKER_METRICS_PORT": str(worker_port),
    }
    prepared = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", once],
        cwd=tmp_path,
        env=environment,
        input="correct horse battery\n" * 2,  # the admin's password, asked for twice
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        start_new_session=True,  # without a terminal, so that it is read from here
        check=False,
    )
    assert prepared.returncode == 0, prepared.stdout + prepared.stderr
    assert stat.S_IMODE((tmp_path / "quote.env").stat().st_mode) == 0o600
    assert "admin@example.com can log in as admin" in prepared.stdout
    del environment["DATABASE_URL"], environment["REDIS_URL"]  # they stand in the file now
    load = next(line for line in once.splitlines() if line.startswith("set -a"))
    started = [
        subprocess.Popen(
            ["bash", "-c", f"{load}\nexec {line}"], cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL
        )
        for line in running.splitlines()
    ]
    try:
        for each in (port, worker_port):
            _wait_until_ready(f"http://127.0.0.1:{each}/health/ready", started)
        for process in started:
            process.terminate()
        assert [process.wait(PATIENCE_SECONDS) for process in started] == [0] * len(started)
    finally:
        for process in started:
            process.kill()
            process.wait()


def _wait_until_ready(url: str, started: list[subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        assert all(process.poll() is None for process in started)
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            pass
        if time.monotonic() > deadline:
            pytest.fail("not ready")
        time.sleep(0.05)
