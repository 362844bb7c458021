"""Who runs the stream of Spark: one process at a time, by a lease that it keeps.

Source: docs/spec/market-analysis.md#spark.
"""

from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "streams")

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


@STATEMENTS.query()
async def hold_stream(
    connection: Connection, holder: UUID, source: StreamSource, *, stream_lease_seconds: float = STREAM_LEASE_SECONDS
) -> bool:
    """Become who runs the stream; False while another process does."""


@STATEMENTS.query()
async def keep_stream(
    connection: Connection, holder: UUID, *, stream_lease_seconds: float = STREAM_LEASE_SECONDS
) -> bool:
    """Say that the process is alive; False where the stream is not its any more, and nothing may be written."""


async def leave_stream(connection: Connection, holder: UUID, detail: str) -> None:
    """Let another process go on at once."""
    await connection.execute(STATEMENTS["leave_stream"], holder, detail[:2000])


@STATEMENTS.query()
async def read_stream(connection: Connection) -> KeptStream | None:
    """Who runs the stream; None where none ever did."""
