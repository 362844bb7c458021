"""Refresh tokens in families: each is used once, and makes the next of its family.

Source: docs/spec/access.md#people.
"""

from datetime import datetime
from typing import Literal

import msgspec

from quote_service.platform.callers.sessions import BegunBy, LiveSession
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries

_QUERIES = load_queries(__file__, "refresh_tokens")
_START = _QUERIES["start_family"]
_ADD = _QUERIES["add_token"]
_LOCK = _QUERIES["lock_token"]
_USE = _QUERIES["use_token"]
_END = _QUERIES["end_family"]
_END_OWN = _QUERIES["end_family_of"]
_END_ALL = _QUERIES["end_families_of"]
_PROOF = _QUERIES["proof_of_session"]
_NOTE_PROOF = _QUERIES["note_proof"]
_PAGE = _QUERIES["page_of_sessions"]
_FORGET = _QUERIES["forget_expired_families"]

EndReason = Literal["logout", "reuse", "password_change", "deactivated", "role_change", "second_factor_reset"]


class HeldToken(msgspec.Struct, frozen=True):
    """A refresh token with its family, both rows held."""

    family_id: str
    user_id: str
    expires_at: datetime
    is_used: bool
    is_ended: bool


async def start_family(
    connection: Connection, family_id: str, user_id: str, at: datetime, *, begun_by: BegunBy, device: str | None
) -> None:
    """Begin a session."""
    await connection.execute(_START, family_id, user_id, at, begun_by, device)


async def add_token(connection: Connection, token_hash: bytes, family_id: str, expires_at: datetime) -> None:
    """Add the next token of a family."""
    await connection.execute(_ADD, token_hash, family_id, expires_at)


async def lock_token(connection: Connection, token_hash: bytes) -> HeldToken | None:
    """The token, held together with its family until the transaction ends; None if there is none."""
    row = await connection.fetchrow(_LOCK, token_hash)
    if row is None:
        return None
    return HeldToken(
        family_id=str(row["family_id"]),
        user_id=str(row["user_id"]),
        expires_at=row["expires_at"],
        is_used=row["used_at"] is not None,
        is_ended=row["ended_at"] is not None,
    )


async def use_token(connection: Connection, token_hash: bytes, at: datetime) -> None:
    """Mark a token as used."""
    await connection.execute(_USE, token_hash, at)


async def end_family(connection: Connection, family_id: str, reason: EndReason, at: datetime) -> bool:
    """End a session, and keep no longer from which device it was begun; False if it had ended."""
    return await connection.fetchval(_END, family_id, reason, at) is not None


async def end_family_of(connection: Connection, family_id: str, user_id: str, reason: EndReason, at: datetime) -> bool:
    """End a session if it is this person's; False if there is none, or it had ended."""
    return await connection.fetchval(_END_OWN, family_id, user_id, reason, at) is not None


async def proof_of_session(connection: Connection, family_id: str, user_id: str) -> datetime | None:
    """When a person last proved in a session to be the one, held until the transaction ends; None if it has ended."""
    found: datetime | None = await connection.fetchval(_PROOF, family_id, user_id)
    return found


async def note_proof(connection: Connection, family_id: str, user_id: str, at: datetime) -> bool:
    """Note a proof; False if the session has ended."""
    return await connection.fetchval(_NOTE_PROOF, family_id, user_id, at) is not None


async def page_of_sessions(
    connection: Connection, user_id: str, *, at: datetime, seen_after: datetime, after: str | None, limit: int
) -> list[LiveSession]:
    """Up to `limit` sessions of a person that hold, newest first, from behind `after`.

    Args:
        connection: Where to read.
        user_id: Whose.
        at: Now.
        seen_after: A session in the pages that was not used since this instant has ended.
        after: The last id of the page before.
        limit: How many at most.
    """
    rows = await connection.fetch(_PAGE, user_id, at, seen_after, after, limit)
    return [
        LiveSession(
            id=str(row["id"]),
            kind="pages" if row["is_in_pages"] else "api",
            begun_by=row["begun_by"],
            device=row["device"],
            started_at=row["started_at"],
            last_used_at=row["last_used_at"],
            expires_at=row["expires_at"],
        )
        for row in rows
    ]


async def end_families_of(connection: Connection, user_id: str, reason: EndReason, at: datetime) -> None:
    """End every session of a person."""
    await connection.execute(_END_ALL, user_id, reason, at)


async def forget_expired_families(connection: Connection, at: datetime, limit: int) -> int:
    """Delete families none of whose tokens could still be used, `limit` at most; how many went."""
    return int(await connection.fetchval(_FORGET, at, limit))
