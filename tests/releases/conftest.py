"""Servers of their own for releases that run one beside the other."""

from __future__ import annotations

import subprocess
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from quote_service.lab.embedded.valkey_server import ValkeyServer
from tests.conftest import MakeDatabase
from tests.releases.installation import CHECKOUT, Installation, installation

BEFORE = "a8eb717"


@pytest.fixture(scope="module")
def code_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of the release before, out of the history. Its requirements are all among ours."""
    done = subprocess.run(["git", "archive", BEFORE], cwd=CHECKOUT, capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"the history does not reach back to {BEFORE}: fetch all of it (git fetch --unshallow)")
    folder = tmp_path_factory.mktemp("release-before")
    with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="module")
def before(
    code_before: Path,
    tmp_path_factory: pytest.TempPathFactory,
    new_empty_database_url: MakeDatabase,
    valkey_server: ValkeyServer,
) -> Iterator[Installation]:
    """The release before, serving."""
    folder = tmp_path_factory.mktemp("before")
    with installation(code_before, folder, new_empty_database_url(), valkey_server.url) as running:
        yield running


@pytest.fixture(scope="module")
def after(before: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """This release beside it, on the same servers, as long as the other is replaced."""
    folder = tmp_path_factory.mktemp("after")
    with installation(CHECKOUT, folder, before.database_url, before.redis_url, QUOTE_KEPT_FORM="1") as running:
        yield running
        assert "Traceback" not in running.logged(), running.logged()
