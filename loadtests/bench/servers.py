"""Servers under load: each a process of its own, waited for, and ended by its process id."""

import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from quote_service.lab.embedded.processes import OwnedProcess

START_SECONDS = 120.0
STOP_SECONDS = 60.0
ANSWER_SECONDS = 5.0
PROJECT = Path(__file__).parents[2]


class Target(NamedTuple):
    """A running server: where it takes quotes, the API key it wants (empty: none), its process, and its metrics if any."""

    name: str
    url: str
    key: str
    pid: int
    figures_url: str = ""


class NoAnswer(Exception):
    """A server ended, or did not answer in time; the message holds the end of its output."""


def clean_environment(own: Mapping[str, str]) -> dict[str, str]:
    """The environment of this process without any setting of the service, and with some of our own.

    The usual port for figures is left to services that run here already; whoever wants figures names another.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QUOTE_", "DATABASE_", "REDIS_"))}
    # Without it `-m` would find the sources here before a compiled package on PYTHONPATH.
    return {**kept, "PYTHONSAFEPATH": "1", "QUOTE_METRICS_PORT": "0", **own}


@contextmanager
def running(
    name: str,
    command: Sequence[str],
    url: str,
    log: Path,
    *,
    key: str = "",
    figures_url: str = "",
    environment: Mapping[str, str] | None = None,
) -> Iterator[Target]:
    """Start a server, wait until it answers a request at all, and end it.

    Raises:
        NoAnswer: As it says.
    """
    with log.open("ab") as output:
        process = OwnedProcess(
            command,
            last_signal="TERM",
            cwd=PROJECT,
            env=clean_environment(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(url, process, log)
        yield Target(name, url, key, process.pid, figures_url)
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    """Send one JSON document; answers status and body, whatever the status."""
    request = urllib.request.Request(  # noqa: S310 (only ever a server of ours)
        url, data=body, headers={"Content-Type": "application/json", **headers}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as response:  # noqa: S310 (as above)
            return response.status, response.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read()


def _wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            post(url, b"{}", {})
        except OSError:
            time.sleep(0.02)
        else:
            return
    end = log.read_text(errors="replace")[-2000:]
    raise NoAnswer(f"{Path(process.args[0]).name} does not answer at {url}\n{end}")  # type: ignore[index,arg-type]
