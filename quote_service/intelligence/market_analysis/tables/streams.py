"""Who runs the stream of Spark: one process at a time, by a lease that it keeps.

Source: docs/spec/market-analysis.md#spark.
"""

from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries

_QUERIES = load_queries(__file__, "streams")
_HOLD = _QUERIES["hold_stream"]
_KEEP = _QUERIES["keep_stream"]
_LEAVE = _QUERIES["leave_stream"]
_STREAM = _QUERIES["stream"]

#: Without a word for so long a process is taken for dead.
STREAM_LEASE_SECONDS = 15.0
StreamSource = Literal["python", "kafka"]


class KeptStream(NamedTuple):
    """The process that runs the stream, or did."""

    started_at: datetime
    source: StreamSource
    ended_at: datetime | None
    detail: str
    is_running: bool


async def hold_stream(connection: Connection, holder: UUID, source: StreamSource) -> bool:
    """Become who runs the stream; False while another process does."""
    return await connection.fetchval(_HOLD, holder, STREAM_LEASE_SECONDS, source) is not None


async def keep_stream(connection: Connection, holder: UUID) -> bool:
    """Say that the process is alive; False where the stream is not its any more, and nothing may be written."""
    return await connection.fetchval(_KEEP, holder, STREAM_LEASE_SECONDS) is not None


async def leave_stream(connection: Connection, holder: UUID, detail: str) -> None:
    """Let another process go on at once."""
    await connection.execute(_LEAVE, holder, detail[:2000])


async def read_stream(connection: Connection) -> KeptStream | None:
    """Who runs the stream; None where none ever did."""
    row = await connection.fetchrow(_STREAM)
    return None if row is None else KeptStream(**dict(row))
