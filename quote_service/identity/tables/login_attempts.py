"""Attempts to log in, counted in fixed windows over all workers.

Source: docs/spec/access.md#people.
"""

import hashlib
from datetime import datetime, timedelta

import msgspec

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "login_attempts")


class AttemptCount(msgspec.Struct, frozen=True):
    """How many attempts the running window holds, this one included, and when it began."""

    attempts: int
    window_started_at: datetime


def _digest(subject: str) -> bytes:
    return hashlib.sha256(subject.encode()).digest()


async def count_attempt(connection: Connection, subject: str, at: datetime, window_seconds: int) -> AttemptCount:
    """Count one attempt on a subject; a window that has run out starts again."""
    row = await connection.fetchrow(
        STATEMENTS["count_attempt"], _digest(subject), at, timedelta(seconds=window_seconds)
    )
    assert row is not None  # INSERT ... RETURNING
    return AttemptCount(row["attempts"], row["window_started_at"])


@STATEMENTS.query(arguments={"subject": _digest})
async def forgive_attempts(connection: Connection, subject: str, attempts: int | None = None) -> None:
    """Take back this many attempts, or all of them."""


@STATEMENTS.query()
async def forget_old_attempts(connection: Connection, before: datetime, limit: int) -> int:
    """Delete windows that began before an instant, `limit` at most; how many went."""
