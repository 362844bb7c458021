"""Whether a database can be used at all, in words for whoever set it up: asked by commands before they do anything.

Source: docs/spec/operations.md#production.
"""

import asyncpg

from quote_service.postgres.migrate import migration_names, why_too_old
from quote_service.postgres.queries import load_queries
from quote_service.postgres.sqlstates import CONNECTING_FAILED, unreachable

_QUERIES = load_queries(__file__, "reachable")
_WAIT_SECONDS = 5.0


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


async def why_no_connection(database_url: str) -> str | None:
    """Why PostgreSQL lets nobody in with this URL; None if it does. Holds nothing of the URL."""
    try:
        connection = await asyncpg.connect(database_url, timeout=_WAIT_SECONDS, statement_cache_size=0)
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError):
        return "is refused: the user or the password is wrong, or the server lets this user in from elsewhere only"
    except asyncpg.InvalidCatalogNameError:
        return "names a database that does not exist"
    except asyncpg.PostgresError as refusal:
        return f"is refused by PostgreSQL ({refusal.sqlstate}: {type(refusal).__name__})"
    except asyncpg.InterfaceError:
        return "has options that the driver does not take"
    except TimeoutError:
        return f"leads to a server that does not answer within {_WAIT_SECONDS:.0f} s"
    except OSError as failure:
        return f"leads to no server ({(failure.strerror or type(failure).__name__).lower()})"
    try:
        too_old = why_too_old(connection)
    finally:
        connection.terminate()
    return None if too_old is None else f"is of no use: {too_old}"
