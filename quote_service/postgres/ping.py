"""Whether PostgreSQL answers.

Source: docs/spec/operations.md#health.
"""

from quote_service.postgres.pool import Database
from quote_service.postgres.queries import load_queries

_PING = load_queries(__file__, "ping")["ping"]


async def ping_database(database: Database) -> None:
    """Return when PostgreSQL answers a query.

    Raises:
        Unavailable: It does not, within the pool's own time limits.
    """
    async with database.read() as connection:
        await connection.execute(_PING)
