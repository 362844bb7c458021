"""A person changes the password.

Source: docs/spec/access.md#people.
"""

from quote_service.identity.model.people import PasswordChange
from quote_service.identity.operations.people.change_user import write_account
from quote_service.identity.operations.people.log_in import refused
from quote_service.identity.operations.people.passwords import Passwords
from quote_service.identity.operations.people.throttle_login import (
    LoginThrottle,
    count_login_attempt,
    forgive_login_attempts,
)
from quote_service.identity.tables.users import account_by_id, lock_account
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.changes import Author
from quote_service.platform.system.errors import Invalid, Unauthorized


async def change_password(
    database: Database,
    passwords: Passwords,
    throttle: LoginThrottle,
    change: Author,
    given: PasswordChange,
    *,
    address: str,
) -> None:
    """Check the password once more, set the new one, and end every session of the person, this one too.

    Raises:
        Unauthorized: The person is no longer let in.
        Invalid: The current password is another.
        TooMany: It has been tried too often; a stolen token must not help to guess the password.
    """
    async with database.read() as connection:
        account = await account_by_id(connection, change.actor)
    if account is None or not account.user.is_active:
        raise Unauthorized("Log in again")
    await count_login_attempt(database, throttle, account.user.email, address, change.at, request_id=change.request_id)
    if not await passwords.matches(given.current_password, account.password_hash):
        raise Invalid.at("/current_password", "is not the current password")
    new_hash = await passwords.hash(given.new_password)
    async with database.transaction() as connection:
        held = await lock_account(connection, change.actor)
        if held is None or held.generation != account.generation:
            raise refused()
        await write_account(
            Change.within(connection, change),
            held,
            role=held.user.role,
            is_active=held.user.is_active,
            password_hash=new_hash,
            action="user.password",
        )
    await forgive_login_attempts(database, account.user.email, address)
