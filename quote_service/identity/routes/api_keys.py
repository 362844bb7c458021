"""Admins make, change and end API keys.

Source: docs/spec/access.md#callers.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post
from litestar.params import FromPath
from litestar.response import Stream

from quote_service.identity.operations.keys.change_api_key import change_api_key, revoke_api_key
from quote_service.identity.operations.keys.create_api_key import create_api_key
from quote_service.identity.tables.api_keys import KEY_ROWS, key_by_id
from quote_service.platform.callers.access import ADMINS
from quote_service.platform.callers.api_keys import ApiKey, ApiKeyDraft, ApiKeyPatch, Environment, NewApiKey
from quote_service.platform.documents.documents import read_document
from quote_service.platform.http.answers import tagged_answer
from quote_service.platform.http.callers import change_of
from quote_service.platform.http.etags import precondition_of
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.lists.listing import Listing
from quote_service.platform.http.openapi.described import VERSIONED, Described, created
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import AnswerSealed, Conflict, NotFound

_DRAFT_EXAMPLE = {
    "name": "checkout Istanbul",
    "scopes": ["quote:write", "quote:read"],
    "rate_limit": {"requests_per_second": 500, "burst": 1000},
    "expires_at": "2030-01-01T00:00:00Z",
}
_EXAMPLE = {
    "id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "prefix": "qs_live_4Yk0PzQw7d",
    **_DRAFT_EXAMPLE,
    "last_used_at": None,
    "revoked_at": None,
    "created_at": "2026-03-01T09:00:00Z",
    "updated_at": "2026-03-01T09:00:00Z",
    "version": 1,
}
_SHOWN_ONCE = "qs_live_4Yk0PzQw7d_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG2fG7kQ"


class KeyFilters(msgspec.Struct, frozen=True):
    """Which keys to list."""

    name: str | None = None
    """Only keys with this name."""
    is_revoked: bool | None = None
    """Only keys that are revoked, or only those that are not."""


_LIST = Listing("api-keys", KEY_ROWS, KeyFilters)


@post(
    "/",
    opt={
        "access": ADMINS,
        "described": Described(
            body=ApiKeyDraft,
            body_example=_DRAFT_EXAMPLE,
            answer=NewApiKey,
            answer_example={**_EXAMPLE, "key": _SHOWN_ONCE},
            message="API key created; it is shown only once",
            repeatable=True,
            problems=(AnswerSealed,),
            headers=created("The key, without its secret."),
        ),
    },
)
async def add_api_key(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Create an API key.

    The key itself is returned only in this response. A `rate_limit` of null means no limit; if it is left out, the
    default of 100 requests a second and bursts of 200 applies.
    """
    draft = read_document(await request.body(), ApiKeyDraft)
    environment: Environment = "dev" if parts_of(request)[Settings].development else "live"
    async with creating(request, secret=True) as creation:
        if creation.replay is not None:
            return creation.replay
        made = await create_api_key(creation.connection, change_of(request), draft, environment)
        return creation.created("/api/v1/api-keys", made, "API key created; it is shown only once")


@get("/", opt={"access": ADMINS, "described": _LIST.described(_EXAMPLE)})
async def list_api_keys(request: Request[Any, Any, Any]) -> Response[bytes] | Stream:
    """List API keys.

    Oldest first, including revoked keys.
    """
    return await _LIST.answer(request)


@get(
    "/{key_id:uuid}",
    opt={
        "access": ADMINS,
        "described": Described(answer=ApiKey, answer_example=_EXAMPLE, message="API key", headers=VERSIONED),
    },
)
async def show_api_key(request: Request[Any, Any, Any], key_id: FromPath[UUID]) -> Response[bytes]:
    """Get an API key."""
    async with parts_of(request)[Database].read() as connection:
        key = await key_by_id(connection, str(key_id))
    if key is None:
        raise NotFound("There is no such API key")
    return _shown(key, "API key")


@patch(
    "/{key_id:uuid}",
    opt={
        "access": ADMINS,
        "described": Described(
            body=ApiKeyPatch,
            body_example={"rate_limit": {"requests_per_second": 1000, "burst": 2000}},
            answer=ApiKey,
            answer_example=_EXAMPLE,
            message="API key changed",
            conditional=True,
            problems=(Conflict,),
            headers=VERSIONED,
        ),
    },
)
async def edit_api_key(request: Request[Any, Any, Any], key_id: FromPath[UUID]) -> Response[bytes]:
    """Update an API key.

    Changes its name, scopes, rate limit or expiry. The change takes effect within a second.
    """
    wanted = read_document(await request.body(), ApiKeyPatch)
    async with parts_of(request)[Database].transaction() as connection:
        key = await change_api_key(connection, change_of(request), str(key_id), wanted, precondition_of(request))
    return _shown(key, "API key changed")


@delete(
    "/{key_id:uuid}",
    status_code=204,
    opt={"access": ADMINS, "described": Described(form="nothing", conditional=True)},
)
async def end_api_key(request: Request[Any, Any, Any], key_id: FromPath[UUID]) -> Response[None]:
    """Revoke an API key.

    The key stops working within a second and cannot be restored.
    """
    async with parts_of(request)[Database].transaction() as connection:
        await revoke_api_key(connection, change_of(request), str(key_id), precondition_of(request))
    return Response(None, status_code=204)


def _shown(key: ApiKey, message: str) -> Response[bytes]:
    return tagged_answer(key, message, key.id, key.version)


api_keys = Router(
    "/api/v1/api-keys", route_handlers=[add_api_key, list_api_keys, show_api_key, edit_api_key, end_api_key]
)
