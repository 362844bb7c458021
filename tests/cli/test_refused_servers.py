"""A server that is there and cannot be used is named in one true sentence by every command, and nothing is traced.

Source: docs/spec/operations.md#production.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest
import redis
from click.testing import CliRunner, Result

import quote_service
from quote_service.lab.embedded.ports import free_port
from quote_service.platform.postgres import migrate as migration
from quote_service.platform.redis_store.needed_commands import FOR_FLASH_SALES, FOR_QUOTES, for_events
from quote_service.platform.redis_store.reachable import why_no_answer
from quote_service.serving.cli import main
from tests.cli.test_commands import PRODUCTION
from tests.cli.test_connecting import shown, with_account
from tests.fixtures.certificate import signed_by_itself
from tests.fixtures.serve import until
from tests.fixtures.service import Started

pytestmark = pytest.mark.second_try("kills processes and starts servers that refuse them")

COMMANDS = (
    ["serve", "--port", "0"],
    ["worker"],
    ["migrate"],
    ["config", "--check", "--connect"],
    ["keys", "add", "till", "--scope", "quote:write"],
    ["users", "add", "a@b.example", "--role", "admin"],
    ["ledger", "check"],
)
CHECK = ["config", "--check", "--connect"]
NOT_TRUSTED = "leads to a server whose certificate is not trusted (self-signed certificate)"


def run(command: list[str], **environment: str) -> Result:
    return CliRunner().invoke(main, command, env={**PRODUCTION, **environment}, input="correct horse battery\n" * 2)


def without_prompts(result: Result) -> list[str]:
    """What is told after a password was asked for."""
    return [line for line in shown(result) if not line.startswith(("Password", "Repeat"))]


@contextmanager
def tls_server(folder: Path, host: str, *, asks: bytes = b"") -> Iterator[tuple[int, Path]]:
    """Something that speaks TLS and no more, after PostgreSQL's question where it `asks`; its port and certificate."""
    key, certificate = signed_by_itself(host)
    (folder / "key.pem").write_bytes(key)
    (folder / "certificate.pem").write_bytes(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    try:
                        if asks:
                            connection.recv(8)
                            connection.sendall(asks)
                        context.wrap_socket(connection, server_side=True).close()
                    except OSError:
                        continue  # whoever does not trust it hangs up

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield listening.getsockname()[1], folder / "certificate.pem"
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.fixture(scope="module")
def other_authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that has signed none of the servers'."""
    file = tmp_path_factory.mktemp("ca") / "other.pem"
    file.write_bytes(signed_by_itself("127.0.0.1")[1])
    return file


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_wrong_authority_for_postgresql(
    command: list[str], tmp_path: Path, other_authority: Path, redis_url: str
) -> None:
    with tls_server(tmp_path, "127.0.0.1", asks=b"S") as (port, _):
        url = f"postgresql://quote:hunter2@127.0.0.1:{port}/quote?sslmode=verify-full&sslrootcert={other_authority}"
        refused = run(command, DATABASE_URL=url, REDIS_URL=redis_url)
    assert refused.exit_code in (1, 2)
    assert without_prompts(refused) == [f"DATABASE_URL {NOT_TRUSTED}"]
    assert "hunter2" not in refused.output


@pytest.mark.parametrize(
    ("host", "options", "sentence"),
    [
        ("example.com", "sslmode=verify-full&sslrootcert={own}", "leads to a server whose certificate is for another host"),
        ("127.0.0.1", "sslmode=verify-full&sslrootcert=/nowhere.pem", "names a file by sslrootcert that is not there, or may not be read"),
    ],
)  # fmt: skip
def test_what_else_is_wrong_with_tls(tmp_path: Path, redis_url: str, host: str, options: str, sentence: str) -> None:
    with tls_server(tmp_path, host, asks=b"S") as (port, own):
        url = f"postgresql://quote@127.0.0.1:{port}/quote?{options.format(own=own)}"
        for command in (CHECK, COMMANDS[4], ["migrate"]):
            assert shown(run(command, DATABASE_URL=url, REDIS_URL=redis_url)) == [f"DATABASE_URL {sentence}"]


def test_a_postgresql_without_tls(database_url: str, redis_url: str) -> None:
    refused = run(COMMANDS[4], DATABASE_URL=f"{database_url}?sslmode=require", REDIS_URL=redis_url)
    assert shown(refused) == ["DATABASE_URL demands TLS, and the server does not speak it"]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_postgresql_too_old(
    command: list[str], database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migration, "VERSION_MIN", 99)
    refused = run(command, DATABASE_URL=database_url, REDIS_URL=redis_url)
    assert refused.exit_code in (1, 2)
    (line,) = without_prompts(refused)
    assert line.startswith("DATABASE_URL is of no use: PostgreSQL 99 or newer is needed, and this is PostgreSQL ")


RIGHTS = {
    "may not read the tables of this service": [],
    "may not change the tables of this service": ["GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"],
}


@pytest.fixture
async def limited(database_url: str) -> AsyncIterator[tuple[asyncpg.Connection, str, str]]:
    """A connection of the owner; a role with no rights, and a URL with it."""
    role = f"limited_{uuid4().hex}"
    owner = await asyncpg.connect(database_url)
    try:
        await owner.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'hunter2'")
        yield owner, role, with_account(database_url, f"{role}:hunter2")
        await owner.execute(f"DROP OWNED BY {role}")
        await owner.execute(f"DROP ROLE {role}")
    finally:
        await owner.close()


@pytest.mark.parametrize("sentence", RIGHTS)
async def test_rights_that_a_user_of_postgresql_lacks(
    sentence: str, limited: tuple[asyncpg.Connection, str, str], redis_url: str
) -> None:
    owner, role, url = limited
    for statement in RIGHTS[sentence]:
        await owner.execute(statement.format(role=role))
    for command in COMMANDS:
        refused = await asyncio.to_thread(run, command, DATABASE_URL=url, REDIS_URL=redis_url)
        assert refused.exit_code in (1, 2)
        assert without_prompts(refused) == [f"DATABASE_URL names a user that {sentence}"]


async def test_a_database_that_a_user_may_not_change(
    limited: tuple[asyncpg.Connection, str, str], redis_url: str
) -> None:
    owner, role, url = limited
    empty = f"empty_{uuid4().hex}"
    await owner.execute(f"CREATE DATABASE {empty}")
    try:
        migrate = partial(run, ["migrate"], DATABASE_URL=url_of_database(url, empty), REDIS_URL=redis_url)
        (line,) = shown(await asyncio.to_thread(migrate))
        assert line.startswith("the user of DATABASE_URL may not change the schema: permission denied")
        await owner.execute(f"ALTER ROLE {role} SET default_transaction_read_only = on")
        takes_none = "takes no changes: it is a standby, or read-only for this user"
        assert shown(await asyncio.to_thread(migrate)) == [f"the database {takes_none}"]
        check = partial(run, CHECK, DATABASE_URL=url_of_database(url, empty), REDIS_URL=redis_url)
        assert shown(await asyncio.to_thread(check)) == [f"DATABASE_URL leads to a database that {takes_none}"]
        await owner.execute(f"REVOKE CONNECT ON DATABASE {empty} FROM PUBLIC")
        no_right = "names a user that may not connect to this database"
        assert shown(await asyncio.to_thread(check)) == [f"DATABASE_URL {no_right}"]
        assert shown(await asyncio.to_thread(migrate)) == [
            "Nothing was migrated: this user may not connect to the database"
        ]
    finally:
        await owner.execute(f"DROP DATABASE {empty}")


def url_of_database(url: str, name: str) -> str:
    """The same URL for another database of the server."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


EVERYTHING = (FOR_QUOTES, FOR_FLASH_SALES, for_events("shop."))


@pytest.mark.parametrize(
    ("rights", "sentence"),
    [
        ("~* +@all -@scripting", "names a user that may not use the command EVAL (Redis ACL)"),
        ("~* +@all -@write", "names a user that may not use the command SET (Redis ACL)"),
        ("~* +@all -@dangerous", "names a user that may not use the command INFO (Redis ACL)"),
        ("~* +@all -fcall -script", "names a user that may not use the command SCRIPT LOAD (Redis ACL)"),
        ("~* +@all -fcall -function", None),
        ("~* +@all -script", None),
        ("~none:* +@all", "names a user that may not use the keys of quotes (Redis ACL)"),
        ("~qs:* +@all", "names a user that may not use the keys of flash sales (Redis ACL)"),
        ("~qs:* ~{si:* ~stream:* +@all", "names a user that may not use the keys of events (Redis ACL)"),
        ("~qs:* ~{si:* ~shop.stream:* +@all", None),
        ("-@all", "names a user that may not use the command PING (Redis ACL)"),
        ("~* +@all", None),
    ],
)
async def test_rights_that_a_redis_user_lacks(redis_url: str, rights: str, sentence: str | None) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.execute_command("ACL", "SETUSER", "limited", "reset", "on", ">hunter2", *rights.split())
        before = client.keys()
        assert await why_no_answer(with_account(redis_url, "limited:hunter2"), EVERYTHING) == sentence
        until(lambda: set(client.keys()) <= set(before), "nothing is left behind")


async def test_every_command_is_asked_for_whose_right_a_redis_user_may_lack(redis_url: str) -> None:
    asked = {alternatives[-1][0] for needed in EVERYTHING for alternatives in needed.commands}
    called = {
        name
        for script in Path(quote_service.__file__).parent.rglob("*.lua")
        for name in re.findall(r"redis\.p?call\('([A-Z]+)'", script.read_text())
    }
    assert called <= {name.partition(" ")[0] for name in asked}
    with redis.Redis.from_url(redis_url) as client:
        for name in sorted(asked):
            lacking = "-" + name.lower().replace(" ", "|")
            rights = ["+@all", lacking, *(["-fcall"] if name in ("EVALSHA", "SCRIPT LOAD") else [])]
            client.execute_command("ACL", "SETUSER", "limited", "reset", "on", ">hunter2", "~*", *rights)
            reason = await why_no_answer(with_account(redis_url, "limited:hunter2"), EVERYTHING)
            assert reason == f"names a user that may not use the command {name} (Redis ACL)"


async def test_a_wrong_authority_for_redis(tmp_path: Path, other_authority: Path) -> None:
    with tls_server(tmp_path, "127.0.0.1") as (port, _):
        url = f"rediss://:hunter2@127.0.0.1:{port}/0"
        assert await why_no_answer(f"{url}?ssl_ca_certs={other_authority}", EVERYTHING) == NOT_TRUSTED
        missing = await why_no_answer(f"{url}?ssl_ca_certs=/nowhere.pem", EVERYTHING)
        assert missing == "names a file by ssl_ca_certs, ssl_certfile or ssl_keyfile that is not there"


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["worker"]], ids=" ".join)
def test_a_process_says_what_is_wrong_with_redis_and_starts(
    command: list[str], tmp_path: Path, database_url: str, redis_url: str
) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.execute_command("ACL", "SETUSER", "unscripted", "reset", "on", ">hunter2", "~*", "+@all", "-@scripting")
    settings = {
        **PRODUCTION,
        "DATABASE_URL": database_url,
        "REDIS_URL": with_account(redis_url, "unscripted:hunter2"),
        "QUOTE_METRICS_PORT": str(free_port()),
    }
    started = Started(command, tmp_path / "log", settings, forked=True)
    try:
        sentence = "REDIS_URL names a user that may not use the command EVAL (Redis ACL)"
        until(lambda: sentence in started.output(), "it is said", started)
        until(
            lambda: (
                '"event":"listening"' in started.output().replace(" ", "") or "background_started" in started.output()
            ),
            "it starts",
            started,
        )
        assert started.output().count(sentence) == 1
        assert "hunter2" not in started.output()
    finally:
        started.process.kill()
    assert "Traceback" not in started.output()
