"""Admins let people in, give them roles, and let them in no longer.

Source: spec 8.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post
from litestar.params import FromPath
from msgspec import UNSET

from quote_service.api.access import change_of
from quote_service.api.described import Described
from quote_service.api.etags import etag_header, precondition_of
from quote_service.api.idempotency import creating
from quote_service.api.runtime import runtime_of
from quote_service.api.wire.cursors import read_page, write_cursor
from quote_service.api.wire.documents import envelope, list_envelope, read_document
from quote_service.domain.access import ADMINS, Role
from quote_service.domain.errors import AnswerSealed, LastAdmin, NameTaken, NotFound, Overloaded
from quote_service.domain.people import User, UserDraft, UserPatch, email_of
from quote_service.flows.change_user import change_user
from quote_service.flows.create_user import check_user, create_user
from quote_service.postgres.users import account_by_id, page_of_users

_JSON = "application/json"
_LIST = "users"
_TAGGED = {"ETag": "The version; send it back in If-Match."}
_EXAMPLE = {
    "id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "email": "ada@example.com",
    "role": "pricing_manager",
    "is_active": True,
    "created_at": "2026-03-01T09:00:00Z",
    "updated_at": "2026-03-01T09:00:00Z",
    "last_login_at": None,
    "version": 1,
}


class UserFilters(msgspec.Struct, frozen=True):
    """Whom to list."""

    role: Role | None = None
    is_active: bool | None = None
    email: str | None = None


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
            headers={**_TAGGED, "Location": "The user."},
        ),
    },
)
async def add_user(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Let a person in."""
    draft = read_document(await request.body(), UserDraft)
    check_user(draft)
    # Before the transaction: a hash takes longer than a transaction should.
    password_hash = await runtime_of(request).credentials.passwords.hash(draft.password)
    async with creating(request, secret=True) as creation:
        if creation.replay is not None:
            return creation.replay
        user = await create_user(creation.connection, change_of(request), draft, password_hash)
        headers = {"Location": f"/api/v1/users/{user.id}", **etag_header(user.id, user.version)}
        return creation.answer(201, envelope(user, "User created"), headers)


@get(
    "/",
    opt={
        "access": ADMINS,
        "described": Described(answer=User, answer_example=_EXAMPLE, form="list", query=UserFilters),
    },
)
async def list_users(request: Request[Any, Any, Any]) -> Response[bytes]:
    """People, oldest first."""
    page = read_page(request.scope["query_string"], _LIST, UserFilters, tuple[UUID])
    wanted = page.filters
    async with runtime_of(request).database.read() as connection:
        rows = await page_of_users(
            connection,
            role=wanted.role,
            is_active=wanted.is_active,
            email=None if wanted.email is None else email_of(wanted.email),
            after=None if page.after is None else str(page.after[0]),
            limit=page.limit + 1,
        )
    cursor = write_cursor(_LIST, (rows[page.limit - 1].id,)) if len(rows) > page.limit else None
    return Response(list_envelope(rows[: page.limit], cursor), media_type=_JSON)


@get(
    "/{user_id:uuid}",
    opt={
        "access": ADMINS,
        "described": Described(answer=User, answer_example=_EXAMPLE, message="User", headers=_TAGGED),
    },
)
async def show_user(request: Request[Any, Any, Any], user_id: FromPath[UUID]) -> Response[bytes]:
    """One person."""
    async with runtime_of(request).database.read() as connection:
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
            problems=(LastAdmin, Overloaded),
            headers=_TAGGED,
        ),
    },
)
async def edit_user(request: Request[Any, Any, Any], user_id: FromPath[UUID]) -> Response[bytes]:
    """Change a person's role or password, or whether the person is let in.

    Every session of the person ends, and access tokens in use end within a second.
    """
    runtime = runtime_of(request)
    wanted = read_document(await request.body(), UserPatch)
    new_hash = None if wanted.password is UNSET else await runtime.credentials.passwords.hash(wanted.password)
    async with runtime.database.transaction() as connection:
        user = await change_user(
            connection, change_of(request), str(user_id), wanted, precondition_of(request), new_hash=new_hash
        )
    return _shown(user, "User changed")


@delete(
    "/{user_id:uuid}",
    status_code=204,
    opt={"access": ADMINS, "described": Described(form="nothing", conditional=True, problems=(LastAdmin,))},
)
async def deactivate_user(request: Request[Any, Any, Any], user_id: FromPath[UUID]) -> Response[None]:
    """Let a person in no longer; what the person did stays on record."""
    gone = UserPatch(is_active=False)
    async with runtime_of(request).database.transaction() as connection:
        await change_user(connection, change_of(request), str(user_id), gone, precondition_of(request))
    return Response(None, status_code=204)


def _shown(user: User, message: str) -> Response[bytes]:
    return Response(
        envelope(user, message), status_code=200, media_type=_JSON, headers=etag_header(user.id, user.version)
    )


users = Router("/api/v1/users", route_handlers=[add_user, list_users, show_user, edit_user, deactivate_user])
