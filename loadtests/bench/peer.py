"""Servers to compare with: a peer in Go, where its source and a toolchain are there, and a server that does nothing."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loadtests.bench.servers import PROJECT, Target, running
from quote_service.embedded.ports import LOOPBACK, free_port

DEFAULT_SOURCE = PROJECT.parent / "shared" / "bench" / "peer"
# As the service's own worker: one event loop on one core.
_ONE_CORE = {"GOMAXPROCS": "1"}


def peer_source(given: Path | None) -> Path | None:
    """Where the peer's source is: the folder given, or the one beside the checkout; None without either or without Go."""
    source = given or DEFAULT_SOURCE
    return source if shutil.which("go") and (source / "go.mod").is_file() else None


def build_peer(source: Path, folder: Path) -> Path:
    """Compile the peer; its folder is only read."""
    program = folder / "peer"
    subprocess.run(["go", "build", "-o", str(program), "."], cwd=source, check=True)
    return program


@contextmanager
def running_peer(program: Path, rates: int, folder: Path, *, caches: bool) -> Iterator[Target]:
    """The peer on one core, with as many rates; with `caches` it keeps answers by request body."""
    address = f"{LOOPBACK}:{free_port()}"
    command = [str(program), "-addr", address, "-rates", str(rates), *(["-cache"] if caches else [])]
    name = "peer -cache" if caches else "peer"
    with running(name, command, f"http://{address}/api/v1/quote", folder / "peer.log", environment=_ONE_CORE) as target:
        yield target


@contextmanager
def running_nothing(folder: Path) -> Iterator[Target]:
    """The server that does nothing, on the service's own server; the last part of its path is the answer's length."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "loadtests.bench.nothing:app", "--port", str(port)]
    options = ["--http", "httptools", "--loop", "uvloop", "--no-access-log", "--lifespan", "off", "--ws", "none"]
    url = f"http://{LOOPBACK}:{port}/2"
    with running("nothing", command + options, url, folder / "nothing.log") as target:
        yield target
