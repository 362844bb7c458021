"""Refresh tokens in families: each is used once, and makes the next of its family.

Source: docs/spec/access.md#people.
"""

from datetime import datetime
from typing import Literal

import msgspec

from quote_service.platform.callers.sessions import BegunBy, LiveSession
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.records import record_of

STATEMENTS = Statements(__file__, "refresh_tokens")

EndReason = Literal["logout", "reuse", "password_change", "deactivated", "role_change", "second_factor_reset"]


class HeldToken(msgspec.Struct, frozen=True):
    """A refresh token with its family, both rows held."""

    family_id: str
    user_id: str
    expires_at: datetime
    is_used: bool
    is_ended: bool


@STATEMENTS.query()
async def start_family(
    connection: Connection, family_id: str, user_id: str, at: datetime, *, begun_by: BegunBy, device: str | None
) -> None:
    """Begin a session."""


@STATEMENTS.query()
async def add_token(connection: Connection, token_hash: bytes, family_id: str, expires_at: datetime) -> None:
    """Add the next token of a family."""


async def lock_token(connection: Connection, token_hash: bytes) -> HeldToken | None:
    """The token, held together with its family until the transaction ends; None if there is none."""
    row = await connection.fetchrow(STATEMENTS["lock_token"], token_hash)
    if row is None:
        return None
    return HeldToken(
        family_id=str(row["family_id"]),
        user_id=str(row["user_id"]),
        expires_at=row["expires_at"],
        is_used=row["used_at"] is not None,
        is_ended=row["ended_at"] is not None,
    )


@STATEMENTS.query()
async def use_token(connection: Connection, token_hash: bytes, at: datetime) -> None:
    """Mark a token as used."""


@STATEMENTS.query()
async def end_family(connection: Connection, family_id: str, reason: EndReason, at: datetime) -> bool:
    """End a session, and keep no longer from which device it was begun; False if it had ended."""


@STATEMENTS.query()
async def end_family_of(connection: Connection, family_id: str, user_id: str, reason: EndReason, at: datetime) -> bool:
    """End a session if it is this person's; False if there is none, or it had ended."""


@STATEMENTS.query()
async def proof_of_session(connection: Connection, family_id: str, user_id: str) -> datetime | None:
    """When a person last proved in a session to be the one, held until the transaction ends; None if it has ended."""


@STATEMENTS.query()
async def note_proof(connection: Connection, family_id: str, user_id: str, at: datetime) -> bool:
    """Note a proof; False if the session has ended."""


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
    rows = await connection.fetch(STATEMENTS["page_of_sessions"], user_id, at, seen_after, after, limit)
    return [
        record_of(LiveSession, row, id=str(row["id"]), kind="pages" if row["is_in_pages"] else "api") for row in rows
    ]


@STATEMENTS.query()
async def end_families_of(connection: Connection, user_id: str, reason: EndReason, at: datetime) -> None:
    """End every session of a person."""


@STATEMENTS.query()
async def forget_expired_families(connection: Connection, at: datetime, limit: int) -> int:
    """Delete families none of whose tokens could still be used, `limit` at most; how many went."""
