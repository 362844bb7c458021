"""Sessions of people in the pages, each by the hash of what its cookie holds.

Source: docs/spec/web.md#sessions.
"""

from datetime import datetime
from typing import NamedTuple

from quote_service.platform.callers.sessions import BegunBy
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "page_sessions")


class LivePageSession(NamedTuple):
    """The session of refresh tokens that it belongs to, whose it is, and when it was last used."""

    family_id: str
    user_id: str
    seen_at: datetime


class PageSessionFamily(NamedTuple):
    """The session of refresh tokens that it belongs to, and how that was begun."""

    family_id: str
    user_id: str
    begun_by: BegunBy | None


@STATEMENTS.query()
async def start_page_session(
    connection: Connection, token_hash: bytes, family_id: str, *, expires_at: datetime, at: datetime
) -> None:
    """Begin a session in the pages."""


async def live_page_session(
    connection: Connection, token_hash: bytes, *, at: datetime, seen_after: datetime
) -> LivePageSession | None:
    """The session, if it has neither ended nor expired and was used after an instant."""
    row = await connection.fetchrow(STATEMENTS["page_session_user"], token_hash, at, seen_after)
    return None if row is None else LivePageSession(str(row["family_id"]), str(row["user_id"]), row["seen_at"])


@STATEMENTS.query()
async def note_page_session(connection: Connection, token_hash: bytes, at: datetime) -> None:
    """Write down that it was used."""


async def lock_page_session(connection: Connection, token_hash: bytes) -> PageSessionFamily | None:
    """What it belongs to, held until the transaction ends."""
    row = await connection.fetchrow(STATEMENTS["page_session_family"], token_hash)
    return None if row is None else PageSessionFamily(str(row["family_id"]), str(row["user_id"]), row["begun_by"])


@STATEMENTS.query()
async def forget_page_sessions(connection: Connection, at: datetime, limit: int) -> int:
    """Delete sessions that have expired, `limit` at most; how many went."""
