"""A real PostgreSQL: its data survives, its password holds, what is in its way is cleared or named."""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import platform
import signal
import socket
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from quote_service.lab.embedded.errors import (
    DataDirectoryBusy,
    DataDirectoryUnwritable,
    PasswordLost,
    PortTaken,
    ServerDidNotStart,
)
from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.lab.embedded.processes import command_of

from .conftest import eventually

PostgresAt = Callable[..., PostgresServer]


async def ask(server: PostgresServer, *statements: str) -> object:
    """Run the statements; the first value of the last."""
    connection = await asyncpg.connect(server.url)
    try:
        for statement in statements[:-1]:
            await connection.execute(statement)
        return await connection.fetchval(statements[-1])
    finally:
        await connection.close()


async def test_restart_keeps_data_port_and_password(open_folder: Path, postgres_at: PostgresAt) -> None:
    first = postgres_at(open_folder / "data", durable=True)
    first.start()
    await ask(first, "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (42) RETURNING n")
    url, pid = first.url, first.pid
    first.stop()
    assert not first.is_running()

    with postgres_at(open_folder / "data") as second:
        assert second.url == url
        assert second.pid != pid
        assert await ask(second, "SELECT n FROM kept") == 42


async def test_context_manager_stops_and_start_twice_is_once(open_folder: Path, postgres_at: PostgresAt) -> None:
    with postgres_at(open_folder / "data") as server:
        pid = server.pid
        server.start()
        assert server.pid == pid
    assert not server.is_running()
    server.stop()


async def test_killed_server_leaves_no_process_and_starts_again(open_folder: Path, postgres_at: PostgresAt) -> None:
    server = postgres_at(open_folder / "data", durable=True)
    server.start()
    await ask(server, "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (7) RETURNING n")
    connection = await asyncpg.connect(server.url)
    backend = await connection.fetchval("SELECT pg_backend_pid()")
    assert command_of(backend)

    server.kill()

    assert not server.is_running()
    assert not command_of(backend)
    connection.terminate()
    assert (server.cluster / "postmaster.pid").exists()
    server.start()
    assert await ask(server, "SELECT n FROM kept") == 7


async def test_server_killed_by_somebody_else_starts_again_at_once(open_folder: Path, postgres_at: PostgresAt) -> None:
    server = postgres_at(open_folder / "data")
    server.start()
    os.kill(server.pid, signal.SIGKILL)
    eventually(lambda: not server.is_running(), "the killed server is gone")

    with server:
        assert await ask(server, "SELECT 1") == 1


async def test_kill_returns_when_the_last_backend_is_gone(open_folder: Path, postgres_at: PostgresAt) -> None:
    server = postgres_at(open_folder / "data")
    server.start()
    connection = await asyncpg.connect(server.url)
    backend = await connection.fetchval("SELECT pg_backend_pid()")
    os.kill(backend, signal.SIGSTOP)

    def kill_and_look() -> str:
        server.kill()
        return command_of(backend)

    with concurrent.futures.ThreadPoolExecutor() as pool:
        killing = pool.submit(kill_and_look)
        try:
            # A kill that does not wait would return in this time, and the look would find the backend.
            concurrent.futures.wait([killing], timeout=0.5)
        finally:
            os.kill(backend, signal.SIGCONT)
        assert killing.result() == ""
    connection.terminate()


@pytest.mark.skipif(platform.system() != "Linux", reason="elsewhere 127.0.0.2 is no address of the machine")
def test_port_lost_after_the_look_is_replaced(open_folder: Path, postgres_at: PostgresAt) -> None:
    """The look is at 127.0.0.1; a server that listens on 127.0.0.2 finds the port taken all the same."""
    with socket.create_server(("127.0.0.2", 0)) as other:
        port = other.getsockname()[1]
        data = open_folder / "data"
        data.mkdir()
        (data / "port").write_text(str(port))
        with postgres_at(data, settings={"listen_addresses": "127.0.0.2"}) as server:
            assert server.port != port
        (data / "port").unlink()
        with pytest.raises(PortTaken):
            postgres_at(data, port=port, settings={"listen_addresses": "127.0.0.2"}).start()


@pytest.mark.parametrize("holder", ["nobody", "another process", "a dead process"])
def test_stale_pid_file_is_no_obstacle(holder: str, open_folder: Path, postgres_at: PostgresAt) -> None:
    """PostgreSQL by itself refuses to start while the number is anybody's, even of the dead that nobody collects."""
    server = postgres_at(open_folder / "data")
    server.start()
    server.kill()
    pid_file = server.cluster / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    account = server.cluster.stat().st_uid if os.geteuid() == 0 else None
    with subprocess.Popen(["/bin/sleep", "600"], user=account) as other, contextlib.ExitStack() as after:
        after.callback(other.kill)
        if holder != "nobody":
            lines[0] = str(other.pid)
            pid_file.write_text("\n".join(lines) + "\n")
        if holder == "a dead process":
            os.kill(other.pid, signal.SIGKILL)
            eventually(lambda: not command_of(other.pid), "it is dead, and not collected")
        server.start()
        assert server.is_running()
        assert holder == "a dead process" or other.poll() is None


async def test_two_servers_side_by_side(open_folder: Path, postgres_at: PostgresAt) -> None:
    with postgres_at(open_folder / "one") as one, postgres_at(open_folder / "two") as two:
        assert one.port != two.port
        assert one.url != two.url
        await ask(one, "CREATE TABLE only_here ()", "SELECT 1")
        assert await ask(two, "SELECT to_regclass('only_here')::text") is None


async def test_password_is_needed_and_private(open_folder: Path, postgres_at: PostgresAt) -> None:
    with postgres_at(open_folder / "data") as server:
        for wrong in ("", "wrong"):
            with pytest.raises(asyncpg.InvalidPasswordError):
                await asyncpg.connect(
                    host="127.0.0.1",
                    port=server.port,
                    user="postgres",
                    password=wrong,
                    database="postgres",
                    passfile="",
                )
        password_file = server.data_dir / "password"
        assert stat.S_IMODE(password_file.stat().st_mode) == 0o600
        assert password_file.read_text() not in command_of(server.pid)
        assert await ask(server, "SHOW listen_addresses") == "127.0.0.1"
        assert await ask(server, "SHOW unix_socket_directories") == ""
        assert await ask(server, "SELECT bool_and(auth_method = 'scram-sha-256') FROM pg_hba_file_rules") is True


async def test_settings_reach_the_server(open_folder: Path, postgres_at: PostgresAt) -> None:
    with postgres_at(open_folder / "data", max_connections=17, settings={"work_mem": "3MB"}) as server:
        assert await ask(server, "SHOW max_connections") == "17"
        assert await ask(server, "SHOW work_mem") == "3MB"
        assert await ask(server, "SHOW fsync") == "off"
    with postgres_at(open_folder / "data", durable=True) as server:
        assert await ask(server, "SHOW max_connections") == "100"
        assert await ask(server, "SHOW fsync") == "on"


async def test_port_of_last_run_is_given_up_when_taken(open_folder: Path, postgres_at: PostgresAt) -> None:
    server = postgres_at(open_folder / "data")
    server.start()
    before = server.port
    server.stop()
    with socket.create_server(("127.0.0.1", before)), server:
        assert server.port != before
        assert await ask(server, "SELECT 1") == 1


async def test_wanted_port_that_is_taken_is_named(open_folder: Path, postgres_at: PostgresAt) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=str(port)) as raised:
            postgres_at(open_folder / "data", port=port).start()
        assert raised.value.port == port


async def test_directory_in_use_is_refused_and_its_server_left_alone(
    open_folder: Path, postgres_at: PostgresAt
) -> None:
    with postgres_at(open_folder / "data") as server:
        with pytest.raises(DataDirectoryBusy, match=str(os.getpid())):
            PostgresServer(open_folder / "data").start()
        assert await ask(server, "SELECT 1") == 1


async def test_directory_that_cannot_be_made_is_named(open_folder: Path) -> None:
    (open_folder / "file").write_text("in the way")
    with pytest.raises(DataDirectoryUnwritable, match="--data-dir"):
        PostgresServer(open_folder / "file" / "data").start()


async def test_failed_start_shows_the_log_and_frees_the_directory(open_folder: Path, postgres_at: PostgresAt) -> None:
    broken = postgres_at(open_folder / "data", settings={"shared_buffers": "much"})
    with pytest.raises(ServerDidNotStart) as raised:
        broken.start()
    assert 'invalid value for parameter "shared_buffers"' in str(raised.value)
    with postgres_at(open_folder / "data") as server:
        assert await ask(server, "SELECT 1") == 1


async def test_lost_password_is_named(open_folder: Path, postgres_at: PostgresAt) -> None:
    first = postgres_at(open_folder / "data")
    first.start()
    first.stop()
    (first.data_dir / "password").unlink()
    with pytest.raises(PasswordLost, match="password"):
        PostgresServer(open_folder / "data").start()


async def test_interrupted_initdb_is_made_again(open_folder: Path, postgres_at: PostgresAt) -> None:
    half_made = open_folder / "data" / "cluster.new"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18\n")
    with postgres_at(open_folder / "data") as server:
        assert await ask(server, "SELECT 1") == 1
    assert not half_made.exists()


async def test_discard_starts_empty_next_time(open_folder: Path, postgres_at: PostgresAt) -> None:
    server = postgres_at(open_folder / "data")
    server.start()
    await ask(server, "CREATE TABLE gone ()", "SELECT 1")
    server.discard()
    assert not server.cluster.exists()
    server.start()
    assert await ask(server, "SELECT to_regclass('gone')::text") is None
