"""Somebody whom the provider has proven to be one signs in, or links that to an account there is.

Who somebody is here follows from issuer and subject alone, never from an e-mail address.

Source: docs/spec/access.md#sign-in-provider.
"""

from quote_service.identity.model.identities import ProvenIdentity, address_of_nobody
from quote_service.identity.model.people import Account, Session, UserPatch, audited_user, email_of, is_email
from quote_service.identity.operations.credentials import Credentials
from quote_service.identity.operations.people.change_user import change_user
from quote_service.identity.operations.people.log_in import begin_session
from quote_service.identity.operations.people.proofs import require_proof
from quote_service.identity.operations.people.throttle_login import LoginThrottle, count_address
from quote_service.identity.operations.provider.flows import LinkingSession
from quote_service.identity.tables.identities import (
    add_identity,
    hold_subject,
    note_identity,
    remove_identity,
)
from quote_service.identity.tables.refresh_tokens import proof_of_session
from quote_service.identity.tables.users import account_by_id, insert_user, lock_account
from quote_service.platform.callers.access import Role
from quote_service.platform.callers.sessions import Visit
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.changes import Author
from quote_service.platform.system.errors import Conflict, NotFound, Unauthorized
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.new_ids import new_id
from quote_service.platform.system.preconditions import UNCONDITIONAL

_NOT_LET_IN = "You have no account here; ask an admin"
_SESSION_ENDED = "Your session has ended since; sign in and link again"
#: In place of a hash: no password fits.
_NO_PASSWORD = "none"  # noqa: S105 (it opens nothing)


async def count_return(database: Database, throttle: LoginThrottle, visit: Visit) -> None:
    """Count one who comes back from the provider, before the provider is asked.

    Raises:
        TooMany: The address has used up its attempts.
    """
    await count_address(database, throttle, visit.address, from_micros(visit.at_us))


async def sign_in_by_identity(
    database: Database, credentials: Credentials, proven: ProvenIdentity, visit: Visit, *, gives_roles: bool
) -> Session:
    """Begin a session for whoever the identity belongs to; with `gives_roles` made at first need, in the role that it gives.

    Raises:
        Unauthorized: Nobody is let in by it: it is not linked, gives no role, or the person is deactivated.
        Conflict: It is new, and its e-mail address belongs to an account there is.
        LastAdmin: It would take the last admin's role.
        SecondFactorRequired: A code is needed; the provider has not seen to a second factor.
        SecondFactorMissing: The role requires a second factor that there is not.
    """
    async with database.transaction() as connection:
        account = await _account_of(connection, proven, visit, gives_roles)
    if not proven.has_second_factor:
        credentials.factors.require(account, "provider", visit.at_us)
    async with database.transaction() as connection:
        held = await lock_account(connection, account.user.id)
        if held is None or not held.user.is_active or held.generation != account.generation:
            raise Unauthorized(_NOT_LET_IN)
        await note_identity(connection, proven.issuer, proven.subject, from_micros(visit.at_us))
        return await begin_session(connection, credentials.tokens, held, visit, begun_by="provider")


async def link_identity(database: Database, proven: ProvenIdentity, link: LinkingSession, visit: Visit) -> None:
    """Link an identity to the account of somebody who is still signed in, in the session in which that was begun.

    Raises:
        Unauthorized: The session has ended since, with a new password, a sign-out or otherwise, or the person is not let in.
        Conflict: The identity belongs to an account already, or the account has one of this provider.
    """
    user_id = link.user_id
    change = Author(actor=user_id, actor_kind="user", request_id=visit.request_id, at_us=visit.at_us)
    async with database.transaction() as connection:
        # Held: whatever ends the session comes before and is seen, or after the link is there for its person to see.
        held = await lock_account(connection, user_id)
        if held is None or not held.user.is_active or held.generation != link.generation:
            raise Unauthorized(_SESSION_ENDED)
        if await proof_of_session(connection, link.session_id, user_id) is None:
            raise Unauthorized(_SESSION_ENDED)
        await hold_subject(connection, proven.issuer, proven.subject)
        await _link(Change.within(connection, change), user_id, proven)


async def unlink_identity(change: Change, identity_id: str, session_id: str | None) -> None:
    """Take an identity from its person, within the caller's transaction.

    Raises:
        NotFound: The author has no such identity.
        ProofRequired: The author has to prove to be the one first.
        Conflict: The author could not log in any more.
    """
    held = await lock_account(change.connection, change.actor)
    if held is None:
        raise NotFound("You have no such identity")
    await require_proof(change, session_id)
    issuer = await remove_identity(change.connection, identity_id, change.actor)
    if issuer is None:
        raise NotFound("You have no such identity")
    if not held.has_password:
        raise Conflict("You have no password to log in with; ask an admin for a link to set one")
    await _record(change, "identity.unlink", change.actor, before=issuer)


async def _account_of(connection: Connection, proven: ProvenIdentity, visit: Visit, gives_roles: bool) -> Account:
    change = Author(actor="sign-in provider", actor_kind="system", request_id=visit.request_id, at_us=visit.at_us)
    user_id = await hold_subject(connection, proven.issuer, proven.subject)
    if gives_roles and proven.role is None:
        raise Unauthorized(_NOT_LET_IN)
    if user_id is None:
        if proven.role is None:
            raise Unauthorized(_NOT_LET_IN)
        user_id = await _create(Change.within(connection, change), proven, proven.role)
    # Not held: whoever changes a role holds the admins first.
    held = await account_by_id(connection, user_id)
    if held is None or not held.user.is_active:
        raise Unauthorized(_NOT_LET_IN)
    if proven.role is None or proven.role == held.user.role:
        return held
    await change_user(Change.within(connection, change), user_id, UserPatch(role=proven.role), UNCONDITIONAL)
    changed = await account_by_id(connection, user_id)
    assert changed is not None  # changed in this transaction
    return changed


async def _create(change: Change, proven: ProvenIdentity, role: Role) -> str:
    user_id = new_id()
    email = email_of(proven.email or "")
    at = change.at
    address = email if is_email(email) else address_of_nobody(user_id)
    account = await insert_user(change.connection, user_id, address, _NO_PASSWORD, role, at)
    if account is None:
        raise Conflict(
            "An account with your e-mail address exists; sign in with its password and link it on the page of your account"
        )
    await change.record("user.create", None, audited_user(account.user), object_id=user_id)
    await _link(change, user_id, proven)
    return user_id


async def _link(change: Change, user_id: str, proven: ProvenIdentity) -> None:
    at = change.at
    if not await add_identity(change.connection, new_id(), user_id, proven.issuer, proven.subject, at):
        raise Conflict("This identity is linked already, or your account has another of the same provider")
    await _record(change, "identity.link", user_id, after=proven.issuer)


async def _record(change: Change, action: str, user_id: str, *, before: str = "", after: str = "") -> None:
    # The issuer alone: the subject leads to a person, and rows stay for ever.
    await change.record(
        action,
        {"issuer": before} if before else None,
        {"issuer": after} if after else None,
        kind="user",
        object_id=user_id,
    )
