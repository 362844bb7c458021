"""Admins let people in, give them roles, and let them in no longer.

Source: docs/spec/access.md#people.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post
from litestar.params import FromPath
from litestar.response import Stream
from msgspec import UNSET

from quote_service.identity.model.people import ResetLink, User, UserDraft, UserPatch
from quote_service.identity.operations.credentials import Credentials
from quote_service.identity.operations.people.change_user import change_user
from quote_service.identity.operations.people.create_user import check_user, create_user
from quote_service.identity.operations.people.proofs import require_proof_for_own
from quote_service.identity.operations.people.reset_by_link import give_reset_link
from quote_service.identity.routes.second_factor import reset_users_factor
from quote_service.identity.tables.users import USER_ROWS, account_by_id
from quote_service.platform.callers.access import ADMINS, Role
from quote_service.platform.callers.errors import LastAdmin, ProofRequired
from quote_service.platform.documents.documents import read_document
from quote_service.platform.http.answers import one_answer, tagged_answer
from quote_service.platform.http.callers import caller_of, change_of
from quote_service.platform.http.etags import precondition_of
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.lists.listing import Listing
from quote_service.platform.http.openapi.described import VERSIONED, Described, created
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import AnswerSealed, Conflict, NameTaken, NotFound, Overloaded

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


_LIST = Listing("users", USER_ROWS, UserFilters)


@post(
    "/",
    opt={
        "access": ADMINS,
        "described": Described(
            body=UserDraft,
            body_example={"email": "ada@example.com", "password": "correct horse battery", "role": "pricing_manager"},
            answer=User,
            answer_example=_EXAMPLE,
            message="User created",
            repeatable=True,
            problems=(AnswerSealed, NameTaken, Overloaded),
            headers=created("The user."),
        ),
    },
)
async def add_user(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Create a user."""
    draft = read_document(await request.body(), UserDraft)
    check_user(draft)
    # Before the transaction: a hash takes longer than a transaction should.
    password_hash = await parts_of(request)[Credentials].passwords.hash(draft.password)
    async with creating(request, secret=True) as creation:
        if creation.replay is not None:
            return creation.replay
        user = await create_user(creation.connection, change_of(request), draft, password_hash)
        return creation.created("/api/v1/users", user, "User created", customer_id=UUID(user.id))


@get("/", opt={"access": ADMINS, "described": _LIST.described(_EXAMPLE)})
async def list_users(request: Request[Any, Any, Any]) -> Response[bytes] | Stream:
    """List users.

    Oldest first.
    """
    return await _LIST.answer(request)


@get(
    "/{user_id:uuid}",
    opt={
        "access": ADMINS,
        "described": Described(answer=User, answer_example=_EXAMPLE, message="User", headers=VERSIONED),
    },
)
async def show_user(request: Request[Any, Any, Any], user_id: FromPath[UUID]) -> Response[bytes]:
    """Get a user."""
    async with parts_of(request)[Database].read() as connection:
        account = await account_by_id(connection, str(user_id))
    if account is None:
        raise NotFound("There is no such user")
    return _shown(account.user, "User")


@patch(
    "/{user_id:uuid}",
    opt={
        "access": ADMINS,
        "described": Described(
            body=UserPatch,
            body_example={"role": "analyst"},
            answer=User,
            answer_example=_EXAMPLE,
            message="User changed",
            conditional=True,
            problems=(LastAdmin, ProofRequired, Overloaded),
            headers=VERSIONED,
        ),
    },
)
async def edit_user(request: Request[Any, Any, Any], user_id: FromPath[UUID]) -> Response[bytes]:
    """Update a user.

    Changes the role or password, or whether the user may log in. Ends all sessions of the user; access tokens stop
    working within a second.
    """
    parts = parts_of(request)
    wanted = read_document(await request.body(), UserPatch)
    change = change_of(request)
    new_hash = None if wanted.password is UNSET else await parts[Credentials].passwords.hash(wanted.password)
    async with parts[Database].transaction() as connection:
        if new_hash is not None:
            await require_proof_for_own(connection, change, str(user_id), caller_of(request).session_id)
        user = await change_user(connection, change, str(user_id), wanted, precondition_of(request), new_hash=new_hash)
    return _shown(user, "User changed")


@delete(
    "/{user_id:uuid}",
    status_code=204,
    opt={"access": ADMINS, "described": Described(form="nothing", conditional=True, problems=(LastAdmin,))},
)
async def deactivate_user(request: Request[Any, Any, Any], user_id: FromPath[UUID]) -> Response[None]:
    """Deactivate a user.

    The user can no longer log in. The audit log keeps what the user did.
    """
    gone = UserPatch(is_active=False)
    async with parts_of(request)[Database].transaction() as connection:
        await change_user(connection, change_of(request), str(user_id), gone, precondition_of(request))
    return Response(None, status_code=204)


@post(
    "/{user_id:uuid}/password-reset",
    status_code=200,
    opt={
        "access": ADMINS,
        "described": Described(
            answer=ResetLink,
            answer_example={
                "token": "qp_2Jx0lYfJmQ1uT7p3oV9bQe5sZkXwR8nD4hC6aGtLyMs",
                "path": "/reset-password?token=qp_2Jx0lYfJmQ1uT7p3oV9bQe5sZkXwR8nD4hC6aGtLyMs",
                "expires_at": "2026-03-01T10:00:00Z",
            },
            message="Link created; it is shown only once",
            problems=(Conflict, ProofRequired),
        ),
    },
)
async def add_reset_link(request: Request[Any, Any, Any], user_id: FromPath[UUID]) -> Response[bytes]:
    """Create a password reset link.

    Give the link to the user, who sets a new password with it: once, within an hour (`QUOTE_RESET_LINK_SECONDS`). The link
    before, if there is one, stops working.
    """
    parts, change = parts_of(request), change_of(request)
    async with parts[Database].transaction() as connection:
        await require_proof_for_own(connection, change, str(user_id), caller_of(request).session_id)
        link = await give_reset_link(connection, change, str(user_id), parts[Settings].reset_link_seconds)
    return one_answer(link, "Link created; it is shown only once", {"Cache-Control": "no-store"})


def _shown(user: User, message: str) -> Response[bytes]:
    return tagged_answer(user, message, user.id, user.version)


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
