"""An admin gives a person a link by which the person sets a new password: nobody else gets to know it.

Source: docs/spec/access.md#a-lost-password.
"""

import hashlib
import secrets
from datetime import timedelta

from quote_service.identity.model.people import Account, PasswordReset, ResetLink, UserDraft, audited_user, user_faults
from quote_service.identity.operations.credentials import Credentials
from quote_service.identity.operations.people.reset_password import reset_password
from quote_service.identity.operations.people.throttle_login import count_address
from quote_service.identity.tables.password_resets import find_reset, give_reset, take_reset
from quote_service.identity.tables.users import account_by_id, lock_account
from quote_service.platform.callers.sessions import Visit
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import Author
from quote_service.platform.system.errors import Conflict, Fault, Invalid, NotFound
from quote_service.platform.system.instants import from_micros

RESET_PATH = "/reset-password"
_RANDOM_BYTES = 32


async def give_reset_link(change: Change, user_id: str, life_seconds: int) -> ResetLink:
    """A link for a person, within the caller's transaction; the one before, if there is one, ends.

    Raises:
        NotFound: There is no such person.
        Conflict: The person may not log in.
    """
    held = await lock_account(change.connection, user_id)
    if held is None:
        raise NotFound("There is no such user")
    if not held.user.is_active:
        raise Conflict("The user is deactivated")
    token = "qp_" + secrets.token_urlsafe(_RANDOM_BYTES)
    expires_at = change.at + timedelta(seconds=life_seconds)
    await give_reset(change.connection, user_id, _digest(token), expires_at)
    user = audited_user(held.user)
    await change.record("user.reset_link", user, user)
    return ResetLink(token=token, path=f"{RESET_PATH}?token={token}", expires_at=expires_at)


async def set_password_by_link(
    database: Database, credentials: Credentials, given: PasswordReset, visit: Visit
) -> None:
    """Set the password, use the link up, and end every session of the person. A second factor stays.

    Raises:
        TooMany: The address has used up its attempts.
        Invalid: The link does not hold, or the password cannot be taken.
    """
    await count_address(database, credentials.throttle, visit.address, from_micros(visit.at_us))
    digest, at = _digest(given.token), from_micros(visit.at_us)
    async with database.read() as connection:
        user_id = await find_reset(connection, digest, at)
        account = None if user_id is None else await account_by_id(connection, user_id)
    if account is None or not account.user.is_active:
        raise _ended()
    _check_password(account, given.new_password)
    # After the look-up, so that nobody makes this work without a link; before the transaction, for it takes long.
    new_hash = await credentials.passwords.hash(given.new_password)
    async with database.transaction() as connection:
        if await take_reset(connection, digest, at) != account.user.id:
            raise _ended()
        change = Author(actor=account.user.id, actor_kind="user", request_id=visit.request_id, at_us=visit.at_us)
        await reset_password(Change.within(connection, change), account, new_hash)


def _ended() -> Invalid:
    return Invalid.at("/token", "has been used or has expired; ask an admin for another link")


def _check_password(account: Account, password: str) -> None:
    faults = user_faults(UserDraft(email=account.user.email, password=password, role=account.user.role))
    if faults:
        raise Invalid.because(tuple(Fault("/new_password", fault.detail) for fault in faults))


def _digest(token: str) -> bytes:
    """What is kept of a link: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).digest()
