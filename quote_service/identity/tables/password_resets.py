"""Links by which people set a new password, each by the hash of its token.

Source: docs/spec/access.md#a-lost-password.
"""

from datetime import datetime

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements

STATEMENTS = Statements(__file__, "password_resets")


@STATEMENTS.query()
async def give_reset(connection: Connection, user_id: str, token_hash: bytes, expires_at: datetime) -> None:
    """Keep a link, in place of the person's one before."""


async def find_reset(connection: Connection, token_hash: bytes, at: datetime) -> str | None:
    """Whose link this is; None if there is none, or it has expired."""
    found = await connection.fetchval(STATEMENTS["find_reset"], token_hash, at)
    return None if found is None else str(found)


async def take_reset(connection: Connection, token_hash: bytes, at: datetime) -> str | None:
    """Use a link up, and learn whose it was; of two who try at once one gets it."""
    found = await connection.fetchval(STATEMENTS["take_reset"], token_hash, at)
    return None if found is None else str(found)


@STATEMENTS.query()
async def forget_reset(connection: Connection, user_id: str) -> None:
    """A person's link ends."""


@STATEMENTS.query()
async def forget_expired_resets(connection: Connection, at: datetime, limit: int) -> int:
    """Delete links that have expired, `limit` at most; how many went."""
