"""A person logs in.

Source: docs/spec/access.md#people.
"""

from quote_service.access.operations.access_tokens import AccessTokens
from quote_service.access.operations.people.passwords import Passwords
from quote_service.access.operations.people.sessions import issue_pair
from quote_service.access.operations.people.throttle_login import (
    LoginThrottle,
    count_login_attempt,
    forgive_login_attempts,
)
from quote_service.access.tables.refresh_tokens import start_family
from quote_service.access.tables.users import account_by_email, lock_account, note_login, replace_password_hash
from quote_service.access.words.people import Account, LogIn, Session, email_of
from quote_service.postgres.audit_log import record_change
from quote_service.postgres.pool import Database
from quote_service.system.changes import Change
from quote_service.system.errors import Unauthorized
from quote_service.system.instants import from_micros
from quote_service.system.new_ids import new_id


async def log_in(
    database: Database,
    tokens: AccessTokens,
    passwords: Passwords,
    throttle: LoginThrottle,
    given: LogIn,
    *,
    address: str,
    request_id: str,
    at_us: int,
) -> Session:
    """Check the password and begin a session.

    Unknown, deactivated and mistaken are one answer and take one time.

    Raises:
        TooMany: The account or the address has used up its attempts.
        Unauthorized: The address and the password do not belong together.
        Overloaded: Too many passwords are being checked.
    """
    email, at = email_of(given.email), from_micros(at_us)
    await count_login_attempt(database, throttle, email, address, at, request_id=request_id)
    async with database.read() as connection:
        account = await account_by_email(connection, email)
    fits = await passwords.matches(given.password, None if account is None else account.password_hash)
    if account is None or not fits or not account.user.is_active:
        raise refused()
    newer_hash = await passwords.hash(given.password) if passwords.is_outdated(account.password_hash) else None
    change = Change(actor=account.user.id, actor_kind="user", request_id=request_id, at_us=at_us)
    session = await _begin_session(database, tokens, account, newer_hash, change)
    await forgive_login_attempts(database, email, address)
    return session


def refused() -> Unauthorized:
    """The one answer to whoever is not let in."""
    return Unauthorized("Wrong e-mail address or password")


async def _begin_session(
    database: Database, tokens: AccessTokens, checked: Account, newer_hash: str | None, change: Change
) -> Session:
    async with database.transaction() as connection:
        # Held, so that a deactivation or a new password either comes before and is seen, or after and ends this session.
        account = await lock_account(connection, checked.user.id)
        if account is None or account.generation != checked.generation:
            raise refused()
        family_id, at = new_id(), from_micros(change.at_us)
        await start_family(connection, family_id, account.user.id, at)
        session = await issue_pair(connection, tokens, account, family_id, change.at_us)
        await note_login(connection, account.user.id, at)
        if newer_hash is not None:
            await replace_password_hash(connection, account.user.id, account.password_hash, newer_hash)
        await record_change(
            connection,
            change,
            action="session.start",
            object_kind="user",
            object_id=account.user.id,
            before=None,
            after=None,
        )
        return session
