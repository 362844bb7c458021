"""A person logs out.

Source: docs/spec/access.md#people.
"""

from quote_service.identity.operations.people.sessions import refresh_digest
from quote_service.identity.tables.refresh_tokens import end_family, lock_token
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import Author
from quote_service.platform.system.instants import from_micros


async def log_out(database: Database, refresh_token: str, *, request_id: str, at_us: int) -> None:
    """End the session that the token belongs to; a token that belongs to none ends nothing, and that is no error."""
    async with database.transaction() as connection:
        held = await lock_token(connection, refresh_digest(refresh_token))
        if held is None or not await end_family(connection, held.family_id, "logout", from_micros(at_us)):
            return
        await Change.within(
            connection, Author(actor=held.user_id, actor_kind="user", request_id=request_id, at_us=at_us)
        ).record("session.end", kind="user", object_id=held.user_id)
