"""An admin gives a person another role or password, or lets the person in no longer.

Source: docs/spec/access.md#people.
"""

from msgspec import UNSET

from quote_service.identity.model.people import Account, User, UserPatch, audited_user
from quote_service.identity.tables.password_resets import forget_reset
from quote_service.identity.tables.refresh_tokens import EndReason, end_families_of
from quote_service.identity.tables.users import lock_account, lock_active_admins, update_account
from quote_service.platform.callers.access import Role
from quote_service.platform.callers.errors import LastAdmin
from quote_service.platform.postgres.change import Change
from quote_service.platform.system.errors import NotFound
from quote_service.platform.system.preconditions import Precondition


async def change_user(
    change: Change,
    user_id: str,
    patch: UserPatch,
    precondition: Precondition,
    *,
    new_hash: str | None = None,
) -> User:
    """Change a person, within the caller's transaction; every session of the person ends.

    Args:
        change: Its author.
        user_id: Whom.
        patch: What; its password is not looked at.
        precondition: The version that the author has seen.
        new_hash: The hash of the patch's password, made before the transaction because that takes long.

    Raises:
        NotFound: There is no such person.
        Stale: The person has been changed since.
        LastAdmin: Nobody would be left who can let anybody in.
    """
    removes_admin = patch.role is not UNSET or patch.is_active is False
    # All of them before the one: two admins who remove each other wait here, and the second is refused.
    admins = await lock_active_admins(change.connection) if removes_admin else []
    held = await lock_account(change.connection, user_id)
    if held is None:
        raise NotFound("There is no such user")
    precondition.require(user_id, held.user.version)
    role = held.user.role if patch.role is UNSET else patch.role
    is_active = held.user.is_active if patch.is_active is UNSET else patch.is_active
    if (role, is_active) == (held.user.role, held.user.is_active) and new_hash is None:
        return held.user
    if admins == [user_id] and not (role == "admin" and is_active):
        raise LastAdmin("This is the last active admin; create another admin first")
    action = "user.change" if is_active or not held.user.is_active else "user.deactivate"
    return await write_account(
        change,
        held,
        role=role,
        is_active=is_active,
        password_hash=new_hash or held.password_hash,
        action=action,
    )


async def write_account(
    change: Change,
    held: Account,
    *,
    role: Role,
    is_active: bool,
    password_hash: str,
    action: str,
) -> User:
    """Write a held account, end the person's sessions and record it; tokens in use end within a second."""
    at = change.at
    reason: EndReason = "role_change"
    if not is_active:
        reason = "deactivated"
    elif password_hash != held.password_hash:
        reason = "password_change"
    written = await update_account(
        change.connection, held.user.id, role=role, is_active=is_active, password_hash=password_hash, at=at
    )
    await end_families_of(change.connection, held.user.id, reason, at)
    await forget_reset(change.connection, held.user.id)
    await change.record(
        action, audited_user(held.user), audited_user(written.user), kind="user", object_id=held.user.id
    )
    return written.user
