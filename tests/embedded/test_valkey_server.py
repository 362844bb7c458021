"""A real Valkey: its data survives, its password holds, it can be frozen and thawed."""

from __future__ import annotations

import contextlib
import os
import platform
import socket
import stat
import subprocess
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from quote_service.lab.embedded.errors import DataDirectoryBusy, PortTaken, ServerDidNotStart
from quote_service.lab.embedded.processes import command_of
from quote_service.lab.embedded.valkey_server import ValkeyServer


def client_of(server: ValkeyServer, **options: object) -> redis.Redis:
    return redis.Redis.from_url(server.url, decode_responses=True, **options)


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_restart_keeps_data_port_and_password(ending: str, tmp_path: Path) -> None:
    first = ValkeyServer(tmp_path / "data", settings={"appendfsync": "always"})
    first.start()
    client_of(first).set("kept", "42")
    url = first.url
    getattr(first, ending)()
    assert not first.is_running()

    with ValkeyServer(tmp_path / "data") as second:
        assert second.url == url
        assert client_of(second).get("kept") == "42"
    assert not second.is_running()


def test_without_append_only_nothing_is_kept(tmp_path: Path) -> None:
    server = ValkeyServer(tmp_path / "data", append_only=False)
    with server:
        client_of(server).set("gone", "1")
    with server:
        assert client_of(server).get("gone") is None


def test_frozen_server_answers_nothing_until_thawed(tmp_path: Path) -> None:
    with ValkeyServer(tmp_path / "data") as server:
        client = client_of(server, socket_timeout=0.2, retry=None)
        client.ping()
        server.freeze()
        assert server.is_running()
        with pytest.raises(redis.TimeoutError):
            client.ping()
        server.thaw()
        assert client_of(server).ping()
        server.freeze()
    assert not server.is_running()


def test_password_is_needed_and_private(tmp_path: Path) -> None:
    at_once = Retry(NoBackoff(), 0)
    with ValkeyServer(tmp_path / "data") as server:
        for password in (None, "wrong"):
            with pytest.raises(redis.AuthenticationError):
                redis.Redis(host="127.0.0.1", port=server.port, password=password, retry=at_once).ping()
        for name in ("password", "valkey.conf"):
            assert stat.S_IMODE((server.data_dir / name).stat().st_mode) == 0o600
        assert (server.data_dir / "password").read_text() not in command_of(server.pid)


def test_settings_reach_the_server(tmp_path: Path) -> None:
    with ValkeyServer(tmp_path / "data", settings={"maxmemory": "64mb"}) as server:
        asked = client_of(server).config_get("*")
    assert asked["maxmemory"] == str(64 * 1024 * 1024)
    assert asked["maxmemory-policy"] == "noeviction"
    assert asked["appendonly"] == "yes"
    assert asked["appendfsync"] == "everysec"
    assert asked["bind"] == "127.0.0.1"


def test_two_servers_side_by_side(tmp_path: Path) -> None:
    with ValkeyServer(tmp_path / "one") as one, ValkeyServer(tmp_path / "two") as two:
        assert one.port != two.port
        client_of(one).set("only", "here")
        assert client_of(two).get("only") is None


def test_directory_with_spaces_and_quotes(tmp_path: Path) -> None:
    with ValkeyServer(tmp_path / 'it\'s a "data" folder, ğ') as server:
        assert client_of(server).ping()


def test_pid_file_of_somebody_else_is_no_obstacle_and_no_target(tmp_path: Path) -> None:
    server = ValkeyServer(tmp_path / "data")
    server.start()
    server.kill()
    with subprocess.Popen(["/bin/sleep", "600"]) as other, contextlib.ExitStack() as after:
        after.callback(other.kill)
        (tmp_path / "data" / "valkey.pid").write_text(f"{other.pid}\n")
        with server:
            assert client_of(server).ping()
        assert other.poll() is None


def test_wanted_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=str(port)):
            ValkeyServer(tmp_path / "data", port=port).start()


@pytest.mark.skipif(platform.system() != "Linux", reason="elsewhere 127.0.0.2 is no address of the machine")
def test_port_lost_after_the_look_is_replaced(tmp_path: Path) -> None:
    """The look is at 127.0.0.1; a server that listens on 127.0.0.2 too finds the port taken all the same."""
    with socket.create_server(("127.0.0.2", 0)) as other:
        port = other.getsockname()[1]
        (tmp_path / "port").write_text(str(port))
        with ValkeyServer(tmp_path, settings={"bind": "127.0.0.1 127.0.0.2"}) as server:
            assert server.port != port
            assert client_of(server).ping()


def test_directory_in_use_is_refused(tmp_path: Path) -> None:
    with ValkeyServer(tmp_path / "data") as server:
        with pytest.raises(DataDirectoryBusy, match=str(os.getpid())):
            ValkeyServer(tmp_path / "data").start()
        assert client_of(server).ping()


def test_failed_start_shows_the_log(tmp_path: Path) -> None:
    with pytest.raises(ServerDidNotStart, match="maxmemory-policy"):
        ValkeyServer(tmp_path / "data", settings={"maxmemory-policy": "nonsense"}).start()
