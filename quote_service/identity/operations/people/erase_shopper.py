"""A shopper is erased: the account stays, with nothing in it that says whose it was, and nobody can log in to it.

Source: docs/spec/customers.md#erasure.
"""

from collections.abc import AsyncIterator, Awaitable

from quote_service.identity.model.identities import Identity
from quote_service.identity.model.people import User, audited_user
from quote_service.identity.tables.identities import forget_identities, identities_of
from quote_service.identity.tables.login_attempts import forgive_attempts
from quote_service.identity.tables.password_resets import forget_reset
from quote_service.identity.tables.refresh_tokens import end_families_of, page_of_sessions
from quote_service.identity.tables.second_factors import remove_factor
from quote_service.identity.tables.users import account_by_id, erase_account, lock_account
from quote_service.platform.callers.sessions import LiveSession
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.key_pages import key_pages
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.instants import from_micros

_SESSIONS_AT_ONCE = 100
_EVER = from_micros(0)


async def find_shopper(connection: Connection, user_id: str) -> User | None:
    """The account of a shopper who has not been erased; None where there is none, and for those who work for the shop."""
    account = await account_by_id(connection, user_id)
    if account is None or account.user.role != "user" or account.user.email == _address_of(user_id):
        return None
    return account.user


def sessions_of_shopper(database: Database, user_id: str) -> AsyncIterator[list[LiveSession]]:
    """Sessions that are kept of a person, newest first; no connection is held between pages.

    Raises:
        Unavailable: The database cannot be reached; what has been read until then is not all.
    """

    def read(connection: Connection, after: str | None) -> Awaitable[list[LiveSession]]:
        return page_of_sessions(connection, user_id, at=_EVER, seen_after=_EVER, after=after, limit=_SESSIONS_AT_ONCE)

    return key_pages(database, read, None, lambda last: last.id)


async def identities_of_shopper(database: Database, user_id: str) -> AsyncIterator[list[Identity]]:
    """Who a person is at sign-in providers.

    Raises:
        Unavailable: The database cannot be reached.
    """
    async with database.read() as connection:
        yield await identities_of(connection, user_id)


async def erase_shopper(change: Change, user_id: str) -> None:
    """Erase a shopper's account, if there is one, within the caller's transaction; sessions and tokens end."""
    held = await lock_account(change.connection, user_id)
    if held is None or await find_shopper(change.connection, user_id) is None:
        return
    at = change.at
    erased = await erase_account(change.connection, user_id, _address_of(user_id), at)
    await end_families_of(change.connection, user_id, "deactivated", at)
    await remove_factor(change.connection, user_id)
    await forget_reset(change.connection, user_id)
    await forget_identities(change.connection, user_id)
    await forgive_attempts(change.connection, f"account:{held.user.email}")
    await change.record("user.erase", audited_user(held.user), audited_user(erased.user))


def _address_of(user_id: str) -> str:
    """An address that is no one's: RFC 2606 keeps `.invalid` free."""
    return f"{user_id}@erased.invalid"
