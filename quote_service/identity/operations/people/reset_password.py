"""Whoever runs the service gives a person a new password, for one that is lost.

Source: docs/spec/access.md#people.
"""

from quote_service.identity.model.people import Account, User, UserPatch
from quote_service.identity.operations.people.change_user import change_user
from quote_service.identity.tables.login_attempts import forgive_attempts
from quote_service.platform.postgres.change import Change
from quote_service.platform.system.preconditions import UNCONDITIONAL


async def reset_password(change: Change, account: Account, new_hash: str) -> User:
    """Set the password, within the caller's transaction; sessions end, and attempts to log in count from none again.

    Raises:
        NotFound: The person has gone meanwhile.
    """
    user = await change_user(change, account.user.id, UserPatch(), UNCONDITIONAL, new_hash=new_hash)
    # Who has lost a password has tried some.
    await forgive_attempts(change.connection, f"account:{user.email}")
    return user
