"""Whether a database can be used at all, in words for whoever set it up: asked by commands before they do anything.

Source: docs/spec/operations.md#production.
"""

import os
from urllib.parse import parse_qs, urlsplit

import asyncpg

from quote_service.platform.postgres.migrate import migration_names, why_too_old
from quote_service.platform.postgres.queries import load_queries
from quote_service.platform.postgres.sqlstates import CONNECTING_FAILED, unreachable
from quote_service.platform.system.tls_faults import why_no_tls

_QUERIES = load_queries(__file__, "reachable")
_WAIT_SECONDS = 5.0
_FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")


async def missing_migrations(database_url: str) -> list[str]:
    """The migrations of this release that the database lacks.

    Raises:
        Unavailable: It cannot be asked.
    """
    try:
        connection = await asyncpg.connect(database_url, timeout=_WAIT_SECONDS, statement_cache_size=0)
        try:
            if not await connection.fetchval(_QUERIES["has_migrations"], timeout=_WAIT_SECONDS):
                return migration_names()
            rows = await connection.fetch(_QUERIES["applied_names"], timeout=_WAIT_SECONDS)
        finally:
            connection.terminate()
    except asyncpg.InsufficientPrivilegeError:
        return []  # a role that may not look: what it may do shows later
    except CONNECTING_FAILED as failure:
        raise unreachable(failure) from failure
    applied = {row["name"] for row in rows}
    return [name for name in migration_names() if name not in applied]


async def why_unusable(database_url: str) -> str | None:
    """Why this URL can never do as it is: TLS, its files, a server too old, or rights; None while that is not known.

    A server that is unavailable, or refuses a password, may be there, or know it, in a moment: no reason to give up at a start.
    """
    if (unreadable := _unreadable_file(database_url)) is not None:
        return unreadable
    try:
        connection = await asyncpg.connect(database_url, timeout=_WAIT_SECONDS, statement_cache_size=0)
    except CONNECTING_FAILED as failure:
        return _why_no_tls(failure)
    try:
        if (too_old := why_too_old(connection)) is not None:
            return f"is of no use: {too_old}"
        refused = await connection.fetchval(_QUERIES["what_is_refused"], timeout=_WAIT_SECONDS)
    except CONNECTING_FAILED:
        return None
    finally:
        connection.terminate()
    return None if refused is None else f"names a user that may not {refused} the tables of this service"


async def why_no_connection(database_url: str) -> str | None:
    """Why PostgreSQL lets nobody in with this URL; None if it does. Holds nothing of the URL."""
    if (reason := await why_unusable(database_url)) is not None:
        return reason
    try:
        connection = await asyncpg.connect(database_url, timeout=_WAIT_SECONDS, statement_cache_size=0)
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError):
        return "is refused: the user or the password is wrong, or the server lets this user in from elsewhere only"
    except asyncpg.InvalidCatalogNameError:
        return "names a database that does not exist"
    except asyncpg.InsufficientPrivilegeError:
        return "names a user that may not connect to this database"
    except asyncpg.PostgresError as refusal:
        return f"is refused by PostgreSQL ({refusal.sqlstate}: {type(refusal).__name__})"
    except asyncpg.InterfaceError:
        return "has options that the driver does not take"
    except TimeoutError:
        return f"leads to a server that does not answer within {_WAIT_SECONDS:.0f} s"
    except OSError as failure:
        return f"leads to no server ({(failure.strerror or type(failure).__name__).lower()})"
    try:
        takes_none = await connection.fetchval(_QUERIES["takes_no_changes"], timeout=_WAIT_SECONDS)
    except CONNECTING_FAILED:
        return "leads to a server that ends connections"
    finally:
        connection.terminate()
    return (
        "leads to a database that takes no changes: it is a standby, or read-only for this user" if takes_none else None
    )


def _unreadable_file(database_url: str) -> str | None:
    options = parse_qs(urlsplit(database_url).query)
    for name in _FILES:
        for path in options.get(name, ()):
            if not os.access(path, os.R_OK):
                return f"names a file by {name} that is not there, or may not be read"
    return None


def _why_no_tls(failure: BaseException) -> str | None:
    # The driver's own words where a server refuses TLS that is demanded.
    if isinstance(failure, ConnectionError) and "rejected SSL upgrade" in str(failure):
        return "demands TLS, and the server does not speak it"
    return why_no_tls(failure)
