"""Measure how long replays have waited for a background process.

Source: docs/spec/replay.md.
"""

from quote_service.platform.postgres.pool import Connection
from quote_service.steering.replay.tables.replays import seconds_waiting


async def replays_wait(connection: Connection) -> float:
    """Seconds since the oldest replay that nobody has begun was asked for; 0 where there is none."""
    return await seconds_waiting(connection)
