"""Who people are at the provider that they sign in with.

Source: docs/spec/access.md#sign-in-provider.
"""

from datetime import datetime

from quote_service.identity.model.identities import Identity
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries

_QUERIES = load_queries(__file__, "identities")
_HOLD = _QUERIES["hold_subject"]
_FIND = _QUERIES["find_identity"]
_ADD = _QUERIES["add_identity"]
_NOTE = _QUERIES["note_identity"]
_OF_USER = _QUERIES["identities_of"]
_REMOVE = _QUERIES["remove_identity"]
_FORGET = _QUERIES["forget_identities"]


async def hold_subject(connection: Connection, issuer: str, subject: str) -> str | None:
    """The person of a subject, if there is one; others with the same subject wait until the transaction ends."""
    await connection.execute(_HOLD, issuer, subject)
    found = await connection.fetchval(_FIND, issuer, subject)
    return None if found is None else str(found)


async def add_identity(
    connection: Connection, identity_id: str, user_id: str, issuer: str, subject: str, at: datetime
) -> bool:
    """Link a subject to a person; False if the subject, or the person's place at this issuer, is taken."""
    return await connection.fetchval(_ADD, identity_id, user_id, issuer, subject, at) is not None


async def note_identity(connection: Connection, issuer: str, subject: str, at: datetime) -> None:
    """Write down that somebody signed in by it."""
    await connection.execute(_NOTE, issuer, subject, at)


async def identities_of(connection: Connection, user_id: str) -> list[Identity]:
    """The identities of a person, oldest first."""
    return [
        Identity(
            id=str(row["id"]),
            issuer=row["issuer"],
            subject=row["subject"],
            created_at=row["created_at"],
            last_used_at=row["last_used_at"],
        )
        for row in await connection.fetch(_OF_USER, user_id)
    ]


async def remove_identity(connection: Connection, identity_id: str, user_id: str) -> str | None:
    """Take an identity from a person; its issuer, or None if the person has none of this id."""
    found = await connection.fetchval(_REMOVE, identity_id, user_id)
    return None if found is None else str(found)


async def forget_identities(connection: Connection, user_id: str) -> None:
    """Take all identities from a person."""
    await connection.execute(_FORGET, user_id)
