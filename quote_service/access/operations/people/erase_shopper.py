"""A shopper is erased: the account stays, with nothing in it that says whose it was, and nobody can log in to it.

Source: docs/spec/customers.md#erasure.
"""

import msgspec

from quote_service.access.tables.login_attempts import forgive_attempts
from quote_service.access.tables.refresh_tokens import end_families_of
from quote_service.access.tables.users import account_by_id, erase_account, lock_account
from quote_service.access.words.people import User, audited_user
from quote_service.postgres.audit_log import record_change
from quote_service.postgres.pool import Connection
from quote_service.system.changes import Change
from quote_service.system.instants import from_micros


async def find_shopper(connection: Connection, user_id: str) -> User | None:
    """The account of a shopper who has not been erased; None where there is none, and for those who work for the shop."""
    account = await account_by_id(connection, user_id)
    if account is None or account.user.role != "user" or account.user.email == _address_of(user_id):
        return None
    return account.user


async def erase_shopper(connection: Connection, change: Change, user_id: str) -> None:
    """Erase a shopper's account, if there is one, within the caller's transaction; sessions and tokens end."""
    held = await lock_account(connection, user_id)
    if held is None or await find_shopper(connection, user_id) is None:
        return
    at = from_micros(change.at_us)
    erased = await erase_account(connection, user_id, _address_of(user_id), at)
    await end_families_of(connection, user_id, "deactivated", at)
    await forgive_attempts(connection, f"account:{held.user.email}")
    await record_change(
        connection,
        change,
        action="user.erase",
        object_kind="user",
        object_id=user_id,
        before=msgspec.json.encode(audited_user(held.user)),
        after=msgspec.json.encode(audited_user(erased.user)),
    )


def _address_of(user_id: str) -> str:
    """An address that is no one's: RFC 2606 keeps `.invalid` free."""
    return f"{user_id}@erased.invalid"
