"""A person signs in to the pages, goes on, and signs out.

A session of the pages is a session of refresh tokens whose token nobody holds: what ends the one ends the other.

Source: docs/spec/web.md#sessions.
"""

import hashlib
import secrets
from datetime import timedelta
from typing import NamedTuple

from quote_service.identity.model.identities import ProvenIdentity
from quote_service.identity.model.people import Account, LogIn, Session
from quote_service.identity.model.second_factors import FactorLogIn
from quote_service.identity.operations.credentials import Credentials
from quote_service.identity.operations.people.log_in import confirm_by_challenge, log_in, log_in_by_code
from quote_service.identity.operations.people.sessions import refresh_digest
from quote_service.identity.operations.provider.sign_in_by_identity import sign_in_by_identity
from quote_service.identity.tables.page_sessions import (
    live_page_session,
    lock_page_session,
    note_page_session,
    start_page_session,
)
from quote_service.identity.tables.refresh_tokens import end_family, lock_token, use_token
from quote_service.identity.tables.users import account_by_id
from quote_service.platform.callers.sessions import BegunBy, Visit
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import Author
from quote_service.platform.system.errors import Unauthorized
from quote_service.platform.system.instants import from_micros

_RANDOM_BYTES = 32
_NOTED_EVERY = timedelta(minutes=1)


class PageSessionLives(NamedTuple):
    """How long a session of the pages holds, in seconds: at most, and without being used."""

    at_most_seconds: int
    unused_seconds: int


async def sign_in(
    database: Database, credentials: Credentials, lives: PageSessionLives, given: LogIn, visit: Visit
) -> str:
    """Check the password and begin a session; what its cookie holds.

    Raises:
        TooMany: The account or the address has used up its attempts.
        Unauthorized: The address and the password do not belong together.
        SecondFactorRequired: They do, and a code is needed.
        SecondFactorMissing: They do, and the role requires a second factor that there is not.
        Overloaded: Too many passwords are being checked.
    """
    return await _page_session(database, lives, await log_in(database, credentials, given, visit), visit.at_us)


async def sign_in_by_code(
    database: Database, credentials: Credentials, lives: PageSessionLives, given: FactorLogIn, visit: Visit
) -> str:
    """Check the code that comes with a challenge and begin a session; what its cookie holds.

    Raises:
        TooMany: The account or the address has used up its attempts.
        Unauthorized: The challenge does not hold any more, or the code does not.
    """
    return await _page_session(database, lives, await log_in_by_code(database, credentials, given, visit), visit.at_us)


async def sign_in_by_enrolment(
    database: Database, credentials: Credentials, lives: PageSessionLives, given: FactorLogIn, visit: Visit
) -> tuple[str, list[str]]:
    """Turn a second factor on by its first code and begin a session; what its cookie holds, and the recovery codes.

    Raises:
        TooMany: The account or the address has used up its attempts.
        Unauthorized: The challenge does not hold any more.
        Invalid: The code does not fit.
        Conflict: There is nothing to turn on.
    """
    session, codes = await confirm_by_challenge(database, credentials, given, visit)
    return await _page_session(database, lives, session, visit.at_us), codes


async def sign_in_with_provider(
    database: Database,
    credentials: Credentials,
    lives: PageSessionLives,
    proven: ProvenIdentity,
    visit: Visit,
    *,
    gives_roles: bool,
) -> str:
    """Begin a session for whom the provider has proven; what its cookie holds. Raises as `sign_in_by_identity` does."""
    session = await sign_in_by_identity(database, credentials, proven, visit, gives_roles=gives_roles)
    return await _page_session(database, lives, session, visit.at_us)


async def account_of_page(
    database: Database, lives: PageSessionLives, token: str, at_us: int, *, is_use: bool = True
) -> tuple[Account, str] | None:
    """Whose session this is, and its id; None where it has ended, expired or rested too long, or there is none.

    What a page asks by itself is no use of a session (`is_use` false): it rests while nobody does anything.
    """
    digest, at = _hash(token), from_micros(at_us)
    seen_after = at - timedelta(seconds=lives.unused_seconds)
    async with database.read() as connection:
        session = await live_page_session(connection, digest, at=at, seen_after=seen_after)
        if session is None:
            return None
        account = await account_by_id(connection, session.user_id)
        if account is None or not account.user.is_active:
            return None
        if is_use and at - session.seen_at >= _NOTED_EVERY:
            await note_page_session(connection, digest, at)
    return account, session.family_id


async def sign_out(database: Database, token: str, *, request_id: str, at_us: int) -> BegunBy | None:
    """End a session, and say how it was begun; one that has ended, or that there never was, is no error."""
    async with database.transaction() as connection:
        held = await lock_page_session(connection, _hash(token))
        if held is None or not await end_family(connection, held.family_id, "logout", from_micros(at_us)):
            return None
        await Change.within(
            connection, Author(actor=held.user_id, actor_kind="user", request_id=request_id, at_us=at_us)
        ).record("session.end", kind="user", object_id=held.user_id)
    return held.begun_by


async def _page_session(database: Database, lives: PageSessionLives, session: Session, at_us: int) -> str:
    token, at = secrets.token_urlsafe(_RANDOM_BYTES), from_micros(at_us)
    digest = refresh_digest(session.refresh_token)
    async with database.transaction() as connection:
        held = await lock_token(connection, digest)
        if held is None or held.is_ended:
            raise Unauthorized("Log in again")
        # Nobody has it, and nobody shall renew the session by it.
        await use_token(connection, digest, at)
        expires_at = at + timedelta(seconds=lives.at_most_seconds)
        await start_page_session(connection, _hash(token), held.family_id, expires_at=expires_at, at=at)
    return token


def _hash(token: str) -> bytes:
    """What is kept of a cookie: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).digest()
