"""Bring a database to the schema that this code needs: plain SQL files, applied in order, each once.

Each file is one transaction together with the row that says it was applied. A session lock lets one instance work while
the others wait, and find nothing left to do: any number may start at once.
"""

import hashlib
from pathlib import Path

import asyncpg

from quote_service.platform.postgres.queries import load_queries
from quote_service.platform.postgres.sqlstates import CONNECTING_FAILED, unreachable

CONNECT_SECONDS = 10.0
VERSION_MIN = 15
# The collation `pg_c_utf8` that migrations name is PostgreSQL's own from this version on.
_COLLATION_SINCE = 17
# What has the letters of Unicode elsewhere, the likeliest first: the C library's, and ICU's.
_COLLATIONS = (
    "provider = libc, locale = 'C.UTF-8'",
    "provider = libc, locale = 'C.utf8'",
    "provider = icu, locale = 'und'",
)
_QUERIES = load_queries(__file__, "migrate")


class MigrationFailed(RuntimeError):
    """A file cannot be applied, or one that was applied has changed since; the message names it."""


def migrations_folder(package: Path = Path(__file__).parents[2]) -> Path:
    """Where the files are: within an installed package, beside it in a checkout."""
    installed = package / "migrations"
    return installed if installed.is_dir() else package.parent / "migrations"


def migration_names() -> list[str]:
    """The migrations of this release, in their order."""
    return list(_read_files(migrations_folder()))


async def migrate(database_url: str, folder: Path | None = None) -> list[str]:
    """Apply what is missing, in order of the file names.

    Files that the database knows and this code does not are those of a newer release, and are left alone: schema
    changes are such that the release before still runs.

    Args:
        database_url: Of a role that may create tables, as the database's owner may.
        folder: The files; this release's own unless given.

    Returns:
        The names of the files applied now.

    Raises:
        Unavailable: The database cannot be reached.
        MigrationFailed: PostgreSQL is too old, refuses a right or a file (which left no trace), or an applied file has changed.
    """
    files = _read_files(folder or migrations_folder())
    try:
        connection = await asyncpg.connect(database_url, timeout=CONNECT_SECONDS)
    except CONNECTING_FAILED as failure:
        raise unreachable(failure) from failure
    try:
        if too_old := why_too_old(connection):
            raise MigrationFailed(too_old)
        # Held by the session: it goes with the connection, however this ends.
        await connection.execute(_QUERIES["lock_schema"])
        await connection.execute(_QUERIES["create_applied_migrations"])
        await _make_collation(connection)
        return await _apply_missing(connection, files)
    except asyncpg.InsufficientPrivilegeError as refusal:
        raise MigrationFailed(f"the user of DATABASE_URL may not change the schema: {refusal}") from refusal
    except asyncpg.ReadOnlySQLTransactionError as refusal:
        raise MigrationFailed("the database takes no changes: it is a standby, or read-only for this user") from refusal
    finally:
        await connection.close()


def why_too_old(connection: asyncpg.Connection) -> str | None:
    """What is wrong with the version of the server; None if nothing is."""
    version = connection.get_server_version()
    if version.major >= VERSION_MIN:
        return None
    return f"PostgreSQL {VERSION_MIN} or newer is needed, and this is PostgreSQL {version.major}"


async def _make_collation(connection: asyncpg.Connection) -> None:
    """Make what an older server lacks under the same name, in the schema that everything else is in.

    Raises:
        MigrationFailed: Neither the C library nor ICU has one.
    """
    if connection.get_server_version().major >= _COLLATION_SINCE:
        return
    refused = ""
    for collation in _COLLATIONS:
        try:
            await connection.execute(f"CREATE COLLATION IF NOT EXISTS pg_c_utf8 ({collation})")
            return
        except asyncpg.PostgresError as refusal:
            refused = str(refusal)
    raise MigrationFailed(f"the database has no collation with the letters of Unicode (C.UTF-8): {refused}")


async def _apply_missing(connection: asyncpg.Connection, files: dict[str, str]) -> list[str]:
    applied = {row["name"]: row["sha256"] for row in await connection.fetch(_QUERIES["applied_migrations"])}
    for name, text in files.items():
        if name in applied and applied[name] != _sha256(text):
            raise MigrationFailed(f"{name} has changed since it was applied; write another migration instead")
    missing = [name for name in files if name not in applied]
    for name in missing:
        try:
            async with connection.transaction():
                await connection.execute(files[name])
                await connection.execute(_QUERIES["record_migration"], name, _sha256(files[name]))
        except asyncpg.PostgresError as refusal:
            raise MigrationFailed(f"{name}: {refusal}") from refusal
    return missing


def _read_files(folder: Path) -> dict[str, str]:
    files = {path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.sql"))}
    if not files:
        raise MigrationFailed(f"there are no migrations in {folder}")
    return files


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
