"""Attempts to log in, counted in fixed windows over all workers.

Source: docs/spec/access.md#people.
"""

import hashlib
from datetime import datetime, timedelta

import msgspec

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries

_QUERIES = load_queries(__file__, "login_attempts")
_COUNT = _QUERIES["count_attempt"]
_FORGIVE = _QUERIES["forgive_attempts"]
_FORGET = _QUERIES["forget_old_attempts"]


class AttemptCount(msgspec.Struct, frozen=True):
    """How many attempts the running window holds, this one included, and when it began."""

    attempts: int
    window_started_at: datetime


async def count_attempt(connection: Connection, subject: str, at: datetime, window_seconds: int) -> AttemptCount:
    """Count one attempt on a subject; a window that has run out starts anew."""
    row = await connection.fetchrow(_COUNT, _digest(subject), at, timedelta(seconds=window_seconds))
    assert row is not None  # INSERT ... RETURNING
    return AttemptCount(row["attempts"], row["window_started_at"])


async def forgive_attempts(connection: Connection, subject: str, attempts: int | None = None) -> None:
    """Take back this many attempts, or all of them."""
    await connection.execute(_FORGIVE, _digest(subject), attempts)


async def forget_old_attempts(connection: Connection, before: datetime, limit: int) -> int:
    """Delete windows that began before an instant, `limit` at most; how many went."""
    return int(await connection.fetchval(_FORGET, before, limit))


def _digest(subject: str) -> bytes:
    return hashlib.sha256(subject.encode()).digest()
