"""Who people are at the provider that they sign in with.

Source: docs/spec/access.md#sign-in-provider.
"""

from datetime import datetime

from quote_service.identity.model.identities import Identity
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.platform.system.records import record_of

STATEMENTS = Statements(__file__, "identities")


async def hold_subject(connection: Connection, issuer: str, subject: str) -> str | None:
    """The person of a subject, if there is one; others with the same subject wait until the transaction ends."""
    await connection.execute(STATEMENTS["hold_subject"], issuer, subject)
    found = await connection.fetchval(STATEMENTS["find_identity"], issuer, subject)
    return None if found is None else str(found)


@STATEMENTS.query()
async def add_identity(
    connection: Connection, identity_id: str, user_id: str, issuer: str, subject: str, at: datetime
) -> bool:
    """Link a subject to a person; False if the subject, or the person's place at this issuer, is taken."""


@STATEMENTS.query()
async def note_identity(connection: Connection, issuer: str, subject: str, at: datetime) -> None:
    """Write down that somebody signed in by it."""


async def identities_of(connection: Connection, user_id: str) -> list[Identity]:
    """The identities of a person, oldest first."""
    return [
        record_of(Identity, row, id=str(row["id"]))
        for row in await connection.fetch(STATEMENTS["identities_of"], user_id)
    ]


async def remove_identity(connection: Connection, identity_id: str, user_id: str) -> str | None:
    """Take an identity from a person; its issuer, or None if the person has none of this id."""
    found = await connection.fetchval(STATEMENTS["remove_identity"], identity_id, user_id)
    return None if found is None else str(found)


@STATEMENTS.query()
async def forget_identities(connection: Connection, user_id: str) -> None:
    """Take all identities from a person."""
