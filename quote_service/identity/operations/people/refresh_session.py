"""A person changes a refresh token for the next pair.

Each refresh token works once. One that comes a second time has been copied, and nobody can say which of the two is
the person: the whole family ends, and both have to log in.

Source: docs/spec/access.md#people.
"""

from quote_service.identity.model.people import Session
from quote_service.identity.operations.credentials import Credentials
from quote_service.identity.operations.people.sessions import issue_pair, refresh_digest
from quote_service.identity.tables.refresh_tokens import HeldToken, end_family, lock_token, use_token
from quote_service.identity.tables.users import account_by_id
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.changes import Author
from quote_service.platform.system.errors import Unauthorized
from quote_service.platform.system.instants import from_micros


async def refresh_session(
    database: Database, credentials: Credentials, refresh_token: str, *, request_id: str, at_us: int
) -> Session:
    """Use the token up and give the next pair.

    Raises:
        Unauthorized: It is unknown, expired, used or ended, or its person is no longer let in. The error does not say which.
    """
    # Refused by value within the transaction: ending the family must be committed.
    async with database.transaction() as connection:
        session = await _next_pair(connection, credentials, refresh_token, request_id, at_us)
    if session is None:
        raise Unauthorized("The refresh token is not valid; log in again")
    return session


async def _next_pair(
    connection: Connection, credentials: Credentials, refresh_token: str, request_id: str, at_us: int
) -> Session | None:
    digest, at = refresh_digest(refresh_token), from_micros(at_us)
    held = await lock_token(connection, digest)
    if held is None or held.is_ended or held.expires_at <= at:
        return None
    if held.is_used:
        await _end_copied_family(connection, held, request_id, at_us)
        return None
    account = await account_by_id(connection, held.user_id)
    if account is None or not account.user.is_active:
        return None
    if credentials.factors.is_missing(account.user):
        return None  # the role has come to require a second factor since: logging in says so
    await use_token(connection, digest, at)
    return await issue_pair(connection, credentials.tokens, account, held.family_id, at_us)


async def _end_copied_family(connection: Connection, held: HeldToken, request_id: str, at_us: int) -> None:
    await end_family(connection, held.family_id, "reuse", from_micros(at_us))
    await Change.within(
        connection, Author(actor=held.user_id, actor_kind="user", request_id=request_id, at_us=at_us)
    ).record("session.reuse", kind="user", object_id=held.user_id)
