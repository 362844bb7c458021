"""Whether PostgreSQL answers.

Source: docs/spec/operations.md#health.
"""

from quote_service.platform.postgres.pool import Database
from quote_service.platform.postgres.queries import load_queries

_PING = load_queries(__file__, "ping")["ping"]


async def ping_database(database: Database) -> str | None:
    """Return when PostgreSQL answers a query, with a warning where it takes no changes or lends no more connections.

    Raises:
        Unavailable: It does not, within the pool's own time limits.
    """
    if database.is_full:  # waiting for one of ours would say that PostgreSQL is gone when we are only busy
        await database.connect_once()
        return "every connection of this process is in use"
    async with database.read() as connection:
        takes_no_changes = await connection.fetchval(_PING)
    return "it takes no changes (a standby?)" if takes_no_changes else None
