"""Folders and patience for the tests of the embedded servers."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from quote_service.lab.embedded.postgres_server import PostgresServer

PATIENCE_SECONDS = 120.0

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can change to another account")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder everyone may pass through (pytest's own are closed to other accounts)."""
    folder = Path(tempfile.mkdtemp(prefix="embedded-")).resolve()
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def closed_folder(open_folder: Path) -> Path:
    """A folder of mode 0700, like root's home."""
    folder = open_folder / "closed"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def postgres_at() -> Iterator[Callable[..., PostgresServer]]:
    """Makes PostgreSQL servers (not started, not durable) that are removed after the test, data and all."""
    made: list[PostgresServer] = []

    def make(data_dir: Path, **options: object) -> PostgresServer:
        server = PostgresServer(data_dir, **{"durable": False, **options})  # type: ignore[arg-type]
        made.append(server)
        return server

    yield make
    for server in made:
        server.discard()


def eventually(holds: Callable[[], bool], what: str) -> None:
    """Return as soon as it holds; fail when it does not in a minute."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {PATIENCE_SECONDS:.0f} s: {what}")
        time.sleep(0.02)
