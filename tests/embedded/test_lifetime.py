"""The servers outlive a Ctrl-C, but not the process that started them; a left-over is stopped at the next start."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.lab.embedded.processes import command_of
from quote_service.lab.embedded.valkey_server import ValkeyServer

from .conftest import eventually

PROJECT = Path(__file__).resolve().parents[2]
# Starts both, says so, and ignores SIGINT as a service does while it drains; ends in order when its input closes.
OWNER = """
import json, pathlib, signal, sys
from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.lab.embedded.valkey_server import ValkeyServer
signal.signal(signal.SIGINT, lambda *_: print("interrupted", flush=True))
folder = pathlib.Path(sys.argv[1])
with PostgresServer(folder / "pg", durable=False) as pg, ValkeyServer(folder / "valkey") as valkey:
    print(json.dumps({"postgres_pid": pg.pid, "valkey_pid": valkey.pid, "valkey_url": valkey.url}), flush=True)
    sys.stdin.read()
"""


@dataclasses.dataclass(frozen=True)
class Owner:
    """A process, first of its own process group, that has started both servers."""

    process: subprocess.Popen[str]
    postgres_pid: int
    valkey_pid: int
    valkey_url: str

    def servers(self) -> list[int]:
        """Which of the two processes are there."""
        marks = {self.postgres_pid: "postgres", self.valkey_pid: "valkey-server"}
        return [pid for pid, mark in marks.items() if mark in command_of(pid)]

    def kill_with_guards(self) -> None:
        """End the owner in a way that leaves the servers behind."""
        guards = [pid for pid, command in children_of(self.process.pid) if " guard " in command]
        assert len(guards) == 2
        for guard in guards:
            os.kill(guard, signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        assert len(self.servers()) == 2


@pytest.fixture
def owner(open_folder: Path, postgres_at: Callable[..., PostgresServer]) -> Iterator[Owner]:
    postgres_at(open_folder / "pg")  # so that the data is removed, wherever it is
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(open_folder)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        found = Owner(process=process, **json.loads(process.stdout.readline()))
        assert len(found.servers()) == 2
        yield found
        process.kill()
        for pid in found.servers():  # a failed test must not leave them behind
            os.kill(pid, signal.SIGKILL)


def test_ctrl_c_reaches_the_owner_alone_and_it_ends_them_in_order(owner: Owner) -> None:
    assert owner.process.stdin is not None
    assert owner.process.stdout is not None
    os.killpg(owner.process.pid, signal.SIGINT)
    assert owner.process.stdout.readline() == "interrupted\n"
    assert all(os.getpgid(pid) != owner.process.pid for pid in owner.servers())
    with redis.Redis.from_url(owner.valkey_url) as client:
        assert client.ping()

    owner.process.stdin.close()
    assert owner.process.wait(60) == 0
    assert owner.servers() == []


@pytest.mark.parametrize("frozen", [False, True])
def test_servers_end_when_their_owner_is_killed(frozen: bool, owner: Owner) -> None:
    if frozen:
        os.kill(owner.valkey_pid, signal.SIGSTOP)
    owner.process.kill()
    eventually(lambda: owner.servers() == [], "both servers ended")


def test_leftovers_are_stopped_at_the_next_start(
    owner: Owner, open_folder: Path, postgres_at: Callable[..., PostgresServer]
) -> None:
    owner.kill_with_guards()
    with postgres_at(open_folder / "pg") as postgres, ValkeyServer(open_folder / "valkey") as valkey:
        assert owner.servers() == []
        assert postgres.is_running()
        assert valkey.url == owner.valkey_url


def test_start_waits_for_an_orphaned_backend(
    owner: Owner, open_folder: Path, postgres_at: Callable[..., PostgresServer]
) -> None:
    """After a kill -9 of the postmaster its children end soon, not at once; until then PostgreSQL refuses to start."""
    orphan = children_of(owner.postgres_pid)[0][0]
    os.kill(orphan, signal.SIGSTOP)
    owner.kill_with_guards()
    os.kill(owner.postgres_pid, signal.SIGKILL)
    server = postgres_at(open_folder / "pg")

    with concurrent.futures.ThreadPoolExecutor() as pool:
        starting = pool.submit(server.start)
        try:
            eventually(lambda: "pre-existing shared memory" in text_of(server.log_path), "the refusal is in the log")
            assert not starting.done()
        finally:
            os.kill(orphan, signal.SIGCONT)
        starting.result()
    assert server.is_running()


def text_of(path: Path) -> str:
    try:
        return path.read_text()
    except FileNotFoundError:  # each attempt begins a new log
        return ""


def children_of(parent: int) -> list[tuple[int, str]]:
    """Process id and command line of each."""
    listing = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,command="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 2) for line in listing.stdout.splitlines()]
    return [(int(row[0]), row[2]) for row in rows if int(row[1]) == parent and len(row) == 3]
