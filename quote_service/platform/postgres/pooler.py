"""A pooler by transaction between us and PostgreSQL: told at the start, because later it only looks like odd failures.

Statement and lock timeouts, notifications, advisory locks of a session and statements that the driver keeps all belong to a
session, which such a pooler hands to another client at each transaction.
"""

import asyncio

import asyncpg

from quote_service.platform.postgres.queries import load_queries

_SETTING = load_queries(__file__, "pooler")["setting"]
# Any setting of a session that a server of its own keeps, and no pooler knows; a value that no default has.
_PROBE = "statement_timeout"
_PROBE_MILLISECONDS = "5317"
_WAIT_SECONDS = 2.0


async def is_behind_pooler(database_url: str) -> bool:
    """Whether what answers refuses the settings of a session, or forgets them; False while nothing answers."""
    settings = {_PROBE: _PROBE_MILLISECONDS}
    try:
        async with asyncio.timeout(_WAIT_SECONDS):
            connection = await asyncpg.connect(database_url, server_settings=settings, statement_cache_size=0)
    except asyncpg.PostgresError as refused:
        return refused.sqlstate == "08P01" and _PROBE in str(refused)
    except (OSError, asyncpg.InterfaceError):  # away, which is no reason not to start; a TimeoutError is an OSError
        return False
    try:
        kept = await connection.fetchval(_SETTING, _PROBE, timeout=_WAIT_SECONDS)
        return bool(kept != _PROBE_MILLISECONDS)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    finally:
        connection.terminate()
