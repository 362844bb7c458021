"""A person ends one of the own sessions, from another one or from itself.

Source: docs/spec/access.md#sessions.
"""

from quote_service.identity.tables.refresh_tokens import end_family_of
from quote_service.platform.postgres.change import Change
from quote_service.platform.system.errors import NotFound


async def end_own_session(change: Change, session_id: str) -> None:
    """End it, within the caller's transaction; an access token that it gave runs out by itself.

    Raises:
        NotFound: The author has no such session.
    """
    if not await end_family_of(change.connection, session_id, change.actor, "logout", change.at):
        raise NotFound("You have no such session")
    await change.record("session.end", kind="user", object_id=change.actor)
