"""Servers to compare with: peers in Go, where their sources and a toolchain are there, and a server that does nothing."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from loadtests.bench.installation import QUOTE_PATH, Installation, wait_for_quote
from loadtests.bench.servers import PROJECT, Target, running
from quote_service.lab.embedded.ports import LOOPBACK, free_port

DEFAULT_SOURCES = PROJECT.parent / "shared" / "bench"
# As the service's own worker: one event loop on one core.
_ONE_CORE = {"GOMAXPROCS": "1"}


class Peer(NamedTuple):
    """A server in Go: its name in tables, the folder of its source, its build tags and its own options.

    `is_complete` ones do what the service does, with its API key and its Redis; `keeps_answers` says whether it knows a
    basket again, and so which mixes it stands beside.
    """

    name: str
    source: str
    tags: str = ""
    options: tuple[str, ...] = ()
    is_complete: bool = False
    keeps_answers: bool = False


PEERS = (
    Peer("peer-gin", "peer-gin", is_complete=True, keeps_answers=True),
    Peer("peer-gin, strongest", "peer-gin", "sonic", ("-no-redis-get", "-autopipeline"), is_complete=True),
    Peer("peer", "peer"),
    Peer("peer -cache", "peer", options=("-cache",), keeps_answers=True),
)


class BuiltPeer(NamedTuple):
    """A peer and its program."""

    peer: Peer
    program: Path

    def stands_beside(self, *, repeated: bool) -> bool:
        """Whether it is compared under a mix: where baskets repeat, those that know them again, else those without or whole."""
        return self.peer.keeps_answers if repeated else self.peer.is_complete or not self.peer.keeps_answers


def build_peers(sources: Path, folder: Path) -> list[BuiltPeer]:
    """Compile the peers whose sources are there, each build once; the sources are only read. None without Go."""
    if shutil.which("go") is None:
        return []
    built: dict[tuple[str, str], Path] = {}
    for peer in PEERS:
        build = (peer.source, peer.tags)
        if build not in built and (sources / peer.source / "go.mod").is_file():
            built[build] = folder / "-".join(filter(None, build))
            command = ["go", "build", "-tags", peer.tags, "-o", str(built[build]), "."]
            subprocess.run(command, cwd=sources / peer.source, check=True)
    return [BuiltPeer(peer, built[peer.source, peer.tags]) for peer in PEERS if (peer.source, peer.tags) in built]


@contextmanager
def running_peer(built: BuiltPeer, installation: Installation, redis_timeout_ms: int) -> Iterator[Target]:
    """A peer on one core, with as many rates as the service and, if it is whole, the same key and the same Redis."""
    peer, folder = built.peer, installation.folder
    address = f"{LOOPBACK}:{free_port()}"
    command = [str(built.program), "-addr", address, "-rates", str(installation.rates), *peer.options]
    whole = ("-redis", installation.redis_url, "-key", installation.key, "-redis-timeout", f"{redis_timeout_ms}ms")
    log = folder / f"{built.program.name}.log"
    with running(
        peer.name,
        [*command, *(whole if peer.is_complete else ())],
        f"http://{address}{QUOTE_PATH}",
        log,
        key=installation.key if peer.is_complete else "",
        figures_url=f"http://{address}/metrics" if peer.is_complete else "",
        environment=_ONE_CORE,
    ) as target:
        if peer.is_complete:
            wait_for_quote(target, log)
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


def missing(built: Sequence[BuiltPeer]) -> list[str]:
    """The names of the peers that could not be built."""
    return [peer.name for peer in PEERS if peer not in [each.peer for each in built]]
