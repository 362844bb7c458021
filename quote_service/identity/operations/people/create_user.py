"""An admin lets a person in.

Source: docs/spec/access.md#people.
"""

from quote_service.identity.model.people import User, UserDraft, audited_user, email_of, user_faults
from quote_service.identity.tables.users import insert_user
from quote_service.platform.postgres.change import Change
from quote_service.platform.system.errors import Invalid, NameTaken
from quote_service.platform.system.new_ids import new_id


def check_user(draft: UserDraft) -> None:
    """Refuse a draft before its password is hashed.

    Raises:
        Invalid: With every fault of the draft.
    """
    faults = user_faults(draft)
    if faults:
        raise Invalid.because(faults)


async def create_user(change: Change, draft: UserDraft, password_hash: str) -> User:
    """Add a person, within the caller's transaction.

    Args:
        change: Its author.
        draft: Whom; checked by `check_user`.
        password_hash: Of the draft's password, made before the transaction because that takes long.

    Raises:
        NameTaken: Somebody has this address already.
    """
    account = await insert_user(
        change.connection, new_id(), email_of(draft.email), password_hash, draft.role, change.at
    )
    if account is None:
        raise NameTaken("A user with this e-mail address already exists")
    await change.record("user.create", None, audited_user(account.user))
    return account.user
