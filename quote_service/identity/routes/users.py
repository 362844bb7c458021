"""Admins let people in, give them roles, and let them in no longer.

Source: docs/spec/access.md#people.
"""

from uuid import UUID

import msgspec
from litestar import Router
from litestar.params import FromPath
from msgspec import UNSET

from quote_service.identity.model.people import ResetLink, User, UserDraft, UserPatch
from quote_service.identity.operations.credentials import Credentials
from quote_service.identity.operations.people.change_user import change_user
from quote_service.identity.operations.people.create_user import check_user, create_user
from quote_service.identity.operations.people.proofs import require_proof_for_own
from quote_service.identity.operations.people.reset_by_link import give_reset_link
from quote_service.identity.routes.second_factor import reset_users_factor
from quote_service.identity.tables.users import USER_ROWS, account_by_id
from quote_service.platform.callers.access import ADMINS, Caller, Role
from quote_service.platform.callers.errors import LastAdmin, ProofRequired
from quote_service.platform.http.endpoints.connections import (
    CreatingSecretChange,
    Reading,
    WritingChange,
)
from quote_service.platform.http.endpoints.endpoint import delete, get, patch, post
from quote_service.platform.http.endpoints.results import Answer, Location, Tagged
from quote_service.platform.http.lists.listing import ListAnswer, Listing, ListRequest
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import AnswerSealed, Conflict, NameTaken, NotFound, Overloaded
from quote_service.platform.system.preconditions import Precondition

_EXAMPLE = {
    "id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "email": "ada@example.com",
    "role": "pricing_manager",
    "is_active": True,
    "created_at": "2026-03-01T09:00:00Z",
    "updated_at": "2026-03-01T09:00:00Z",
    "last_login_at": None,
    "second_factor_since": None,
    "version": 1,
}


class UserFilters(msgspec.Struct, frozen=True):
    """Whom to list."""

    role: Role | None = None
    """Only users with this role."""
    is_active: bool | None = None
    """Only users who may log in, or only those who may not."""
    email: str | None = None
    """Only the user with this e-mail address."""


# Before the transaction: a hash takes longer than a transaction should.
async def _hash(data: UserDraft, credentials: Credentials) -> str:
    check_user(data)
    return await credentials.passwords.hash(data.password)


async def _new_hash(data: UserPatch, credentials: Credentials) -> str | None:
    return None if data.password is UNSET else await credentials.passwords.hash(data.password)


@post(
    access=ADMINS,
    body_example={"email": "ada@example.com", "password": "correct horse battery", "role": "pricing_manager"},
    example=_EXAMPLE,
    message="User created",
    problems=(AnswerSealed, NameTaken, Overloaded),
    location=Location("/api/v1/users/{id}", "The user."),
    dependencies={"password_hash": _hash},
)
async def add_user(change: CreatingSecretChange, data: UserDraft, password_hash: str) -> Tagged[Answer[User]]:
    """Create a user."""
    user = await create_user(change, data, password_hash)
    return Answer(user, customer_id=UUID(user.id))


@get(access=ADMINS, example=_EXAMPLE, listing=Listing("users", USER_ROWS, UserFilters))
async def list_users(rows: ListRequest[User]) -> ListAnswer:
    """List users.

    Oldest first.
    """
    return await rows.answer()


@get("/{user_id:uuid}", access=ADMINS, example=_EXAMPLE, message="User")
async def show_user(connection: Reading, user_id: FromPath[UUID]) -> Tagged[User]:
    """Get a user."""
    account = await account_by_id(connection, str(user_id))
    if account is None:
        raise NotFound("There is no such user")
    return account.user


@patch(
    "/{user_id:uuid}",
    access=ADMINS,
    body_example={"role": "analyst"},
    example=_EXAMPLE,
    message="User changed",
    dependencies={"new_hash": _new_hash},
    problems=(LastAdmin, ProofRequired, Overloaded),
)
async def edit_user(
    change: WritingChange,
    caller: Caller,
    user_id: FromPath[UUID],
    data: UserPatch,
    new_hash: str | None,
    precondition: Precondition,
) -> Tagged[User]:
    """Update a user.

    Changes the role or password, or whether the user may log in. Ends all sessions of the user; access tokens stop
    working within a second.
    """
    if new_hash is not None:
        await require_proof_for_own(change, str(user_id), caller.session_id)
    return await change_user(change, str(user_id), data, precondition, new_hash=new_hash)


@delete("/{user_id:uuid}", access=ADMINS, problems=(LastAdmin,))
async def deactivate_user(change: WritingChange, user_id: FromPath[UUID], precondition: Precondition) -> None:
    """Deactivate a user.

    The user can no longer log in. The audit log keeps what the user did.
    """
    gone = UserPatch(is_active=False)
    await change_user(change, str(user_id), gone, precondition)


@post(
    "/{user_id:uuid}/password-reset",
    status_code=200,
    access=ADMINS,
    example={
        "token": "qp_2Jx0lYfJmQ1uT7p3oV9bQe5sZkXwR8nD4hC6aGtLyMs",
        "path": "/reset-password?token=qp_2Jx0lYfJmQ1uT7p3oV9bQe5sZkXwR8nD4hC6aGtLyMs",
        "expires_at": "2026-03-01T10:00:00Z",
    },
    message="Link created; it is shown only once",
    problems=(Conflict, ProofRequired),
)
async def add_reset_link(
    change: WritingChange, caller: Caller, settings: Settings, user_id: FromPath[UUID]
) -> Answer[ResetLink]:
    """Create a password reset link.

    Give the link to the user, who sets a new password with it: once, within an hour (`QUOTE_RESET_LINK_SECONDS`). The link
    before, if there is one, stops working.
    """
    await require_proof_for_own(change, str(user_id), caller.session_id)
    link = await give_reset_link(change, str(user_id), settings.reset_link_seconds)
    return Answer(link, headers={"Cache-Control": "no-store"})


users = Router(
    "/api/v1/users",
    route_handlers=[
        add_user,
        list_users,
        show_user,
        edit_user,
        deactivate_user,
        add_reset_link,
        reset_users_factor,
    ],
)
