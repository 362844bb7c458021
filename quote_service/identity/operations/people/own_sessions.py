"""A person ends one of the own sessions, from another one or from itself.

Source: docs/spec/access.md#sessions.
"""

from quote_service.identity.tables.refresh_tokens import end_family_of
from quote_service.platform.postgres.audit_log import record_change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.changes import Change
from quote_service.platform.system.errors import NotFound
from quote_service.platform.system.instants import from_micros


async def end_own_session(connection: Connection, change: Change, session_id: str) -> None:
    """End it, within the caller's transaction; an access token that it gave runs out by itself.

    Raises:
        NotFound: The author has no such session.
    """
    if not await end_family_of(connection, session_id, change.actor, "logout", from_micros(change.at_us)):
        raise NotFound("You have no such session")
    await record_change(
        connection,
        change,
        action="session.end",
        object_kind="user",
        object_id=change.actor,
        before=None,
        after=None,
    )
