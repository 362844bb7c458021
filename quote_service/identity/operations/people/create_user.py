"""An admin lets a person in.

Source: docs/spec/access.md#people.
"""

import msgspec

from quote_service.identity.model.people import User, UserDraft, audited_user, email_of, user_faults
from quote_service.identity.tables.users import insert_user
from quote_service.platform.postgres.audit_log import record_change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.changes import Change
from quote_service.platform.system.errors import Invalid, NameTaken
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.new_ids import new_id


def check_user(draft: UserDraft) -> None:
    """Refuse a draft before its password is hashed.

    Raises:
        Invalid: With every fault of the draft.
    """
    faults = user_faults(draft)
    if faults:
        raise Invalid.because(faults)


async def create_user(connection: Connection, change: Change, draft: UserDraft, password_hash: str) -> User:
    """Add a person, within the caller's transaction.

    Args:
        connection: Inside a transaction.
        change: Its author.
        draft: Whom; checked by `check_user`.
        password_hash: Of the draft's password, made before the transaction because that takes long.

    Raises:
        NameTaken: Somebody has this address already.
    """
    account = await insert_user(
        connection, new_id(), email_of(draft.email), password_hash, draft.role, from_micros(change.at_us)
    )
    if account is None:
        raise NameTaken("A user with this e-mail address already exists")
    await record_change(
        connection,
        change,
        action="user.create",
        object_kind="user",
        object_id=account.user.id,
        before=None,
        after=msgspec.json.encode(audited_user(account.user)),
    )
    return account.user
