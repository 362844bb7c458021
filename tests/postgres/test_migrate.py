"""Migrations: once each, in order, by any number of instances at once, as an ordinary owner of the database."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from quote_service.lab.embedded.postgres_server import PostgresServer
from quote_service.platform.postgres import migrate as migration
from quote_service.platform.postgres.migrate import MigrationFailed, migrate, migrations_folder
from quote_service.platform.postgres.reachable import why_no_connection
from quote_service.platform.system.errors import Unavailable

MakeDatabase = Callable[[], str]


async def ask(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def write_files(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.sql").write_text(text)
    return folder


async def test_ten_instances_at_once_apply_each_file_once(new_empty_database_url: MakeDatabase) -> None:
    url = new_empty_database_url()
    expected = sorted(path.name for path in migrations_folder().glob("*.sql"))
    applied = await asyncio.gather(*(migrate(url) for _ in range(10)))
    assert sorted(name for names in applied for name in names) == expected
    assert sum(1 for names in applied if names) == 1
    assert await ask(url, "SELECT count(*) FROM applied_migrations") == len(expected)
    assert await ask(url, "SELECT count(*) FROM rulebook_state") == 1
    assert await migrate(url) == []


async def test_an_ordinary_owner_may_migrate(
    postgres_server: PostgresServer, new_empty_database_url: MakeDatabase
) -> None:
    url = new_empty_database_url()
    name = urlsplit(url).path[1:]
    owner = f"owner_of_{name}"
    await ask(postgres_server.url, f"CREATE ROLE {owner} LOGIN PASSWORD 'an-ordinary-one'")
    await ask(postgres_server.url, f"ALTER DATABASE {name} OWNER TO {owner}")
    await migrate(f"postgresql://{owner}:an-ordinary-one@127.0.0.1:{postgres_server.port}/{name}")
    assert await ask(url, "SELECT tableowner FROM pg_tables WHERE tablename = 'commission_rates'") == owner
    # A role that owns a database outlives this module otherwise.
    await ask(url, f"REASSIGN OWNED BY {owner} TO postgres")
    await ask(postgres_server.url, f"ALTER DATABASE {name} OWNER TO postgres")
    await ask(url, f"DROP OWNED BY {owner}")
    await ask(url, f"DROP ROLE {owner}")


async def test_files_are_applied_in_order_and_new_ones_later(
    new_empty_database_url: MakeDatabase, tmp_path: Path
) -> None:
    url = new_empty_database_url()
    write_files(tmp_path, **{"0002_b": "ALTER TABLE a ADD COLUMN b int;", "0001_a": "CREATE TABLE a (a int);"})
    assert await migrate(url, tmp_path) == ["0001_a.sql", "0002_b.sql"]
    write_files(tmp_path, **{"0003_c": "INSERT INTO a VALUES (1, 2);"})
    assert await migrate(url, tmp_path) == ["0003_c.sql"]
    assert await ask(url, "SELECT b FROM a") == 2


async def test_a_file_that_fails_leaves_no_trace_and_those_before_it_stay(
    new_empty_database_url: MakeDatabase, tmp_path: Path
) -> None:
    url = new_empty_database_url()
    write_files(
        tmp_path,
        **{"0001_good": "CREATE TABLE good (a int);", "0002_bad": "CREATE TABLE half (a int);\nSELECT no_such_column;"},
    )
    with pytest.raises(MigrationFailed, match=r"0002_bad\.sql.*no_such_column"):
        await migrate(url, tmp_path)
    assert await ask(url, "SELECT to_regclass('half')") is None
    write_files(tmp_path, **{"0002_bad": "CREATE TABLE whole (a int);"})
    assert await migrate(url, tmp_path) == ["0002_bad.sql"]


async def test_a_file_changed_after_it_was_applied_is_refused(
    new_empty_database_url: MakeDatabase, tmp_path: Path
) -> None:
    url = new_empty_database_url()
    await migrate(url, write_files(tmp_path, **{"0001_a": "CREATE TABLE a (a int);"}))
    write_files(tmp_path, **{"0001_a": "CREATE TABLE a (a bigint);", "0002_b": "CREATE TABLE b (b int);"})
    with pytest.raises(MigrationFailed, match=r"0001_a\.sql has changed"):
        await migrate(url, tmp_path)
    assert await ask(url, "SELECT to_regclass('b')") is None


async def test_an_older_release_leaves_a_newer_schema_alone(
    new_empty_database_url: MakeDatabase, tmp_path: Path
) -> None:
    url = new_empty_database_url()
    older = write_files(tmp_path / "older", **{"0001_a": "CREATE TABLE a (a int);"})
    newer = write_files(
        tmp_path / "newer", **{"0001_a": "CREATE TABLE a (a int);", "0002_b": "CREATE TABLE b (b int);"}
    )
    assert await migrate(url, newer) == ["0001_a.sql", "0002_b.sql"]
    assert await migrate(url, older) == []


async def test_no_files_is_a_mistake(new_empty_database_url: MakeDatabase, tmp_path: Path) -> None:
    with pytest.raises(MigrationFailed, match="no migrations"):
        await migrate(new_empty_database_url(), tmp_path)


async def test_a_server_too_old_is_named_before_anything_is_done(
    new_empty_database_url: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = new_empty_database_url()
    assert await why_no_connection(url) is None
    monkeypatch.setattr(migration, "VERSION_MIN", 99)
    with pytest.raises(MigrationFailed, match=r"^PostgreSQL 99 or newer is needed, and this is PostgreSQL \d+$"):
        await migrate(url)
    assert await ask(url, "SELECT to_regclass('applied_migrations')") is None
    assert "and this is" in str(await why_no_connection(url))


async def test_a_database_that_is_away_is_unavailable(postgres_server: PostgresServer) -> None:
    with pytest.raises(Unavailable):
        await migrate(postgres_server.url_of("there_is_no_such_database"))
    with pytest.raises(Unavailable):
        await migrate("postgresql://postgres@127.0.0.1:1/postgres")


def test_the_files_are_found_in_a_checkout_and_in_an_installed_package(tmp_path: Path) -> None:
    package = tmp_path / "quote_service"
    package.mkdir()
    assert migrations_folder(package) == tmp_path / "migrations"
    (package / "migrations").mkdir()
    assert migrations_folder(package) == package / "migrations"
    assert any(migrations_folder().glob("0001_*.sql"))
