"""Admins make, change and end API keys.

Source: docs/spec/access.md#callers.
"""

from uuid import UUID

import msgspec
from litestar import Router
from litestar.params import FromPath

from quote_service.identity.operations.keys.change_api_key import change_api_key, revoke_api_key
from quote_service.identity.operations.keys.create_api_key import create_api_key
from quote_service.identity.tables.api_keys import KEY_ROWS, key_by_id
from quote_service.platform.callers.access import ADMINS
from quote_service.platform.callers.api_keys import ApiKey, ApiKeyDraft, ApiKeyPatch, Environment, NewApiKey
from quote_service.platform.http.endpoints.connections import (
    CreatingSecretChange,
    Reading,
    WritingChange,
)
from quote_service.platform.http.endpoints.endpoint import delete, get, patch, post
from quote_service.platform.http.endpoints.results import Location, Tagged
from quote_service.platform.http.lists.listing import ListAnswer, Listing, ListRequest
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import AnswerSealed, Conflict, NotFound
from quote_service.platform.system.preconditions import Precondition

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


@post(
    access=ADMINS,
    body_example=_DRAFT_EXAMPLE,
    example={**_EXAMPLE, "key": _SHOWN_ONCE},
    message="API key created; it is shown only once",
    location=Location("/api/v1/api-keys/{id}", "The key, without its secret."),
    problems=(AnswerSealed,),
)
async def add_api_key(change: CreatingSecretChange, settings: Settings, data: ApiKeyDraft) -> Tagged[NewApiKey]:
    """Create an API key.

    The key itself is returned only in this response. A `rate_limit` of null means no limit; if it is left out, the
    default of 100 requests a second and bursts of 200 applies.
    """
    environment: Environment = "dev" if settings.development else "live"
    return await create_api_key(change, data, environment)


@get(access=ADMINS, example=_EXAMPLE, listing=Listing("api-keys", KEY_ROWS, KeyFilters))
async def list_api_keys(rows: ListRequest[ApiKey]) -> ListAnswer:
    """List API keys.

    Oldest first, including revoked keys.
    """
    return await rows.answer()


@get("/{key_id:uuid}", access=ADMINS, example=_EXAMPLE, message="API key")
async def show_api_key(connection: Reading, key_id: FromPath[UUID]) -> Tagged[ApiKey]:
    """Get an API key."""
    key = await key_by_id(connection, str(key_id))
    if key is None:
        raise NotFound("There is no such API key")
    return key


@patch(
    "/{key_id:uuid}",
    access=ADMINS,
    body_example={"rate_limit": {"requests_per_second": 1000, "burst": 2000}},
    example=_EXAMPLE,
    message="API key changed",
    problems=(Conflict,),
)
async def edit_api_key(
    change: WritingChange, key_id: FromPath[UUID], data: ApiKeyPatch, precondition: Precondition
) -> Tagged[ApiKey]:
    """Update an API key.

    Changes its name, scopes, rate limit or expiry. The change takes effect within a second.
    """
    return await change_api_key(change, str(key_id), data, precondition)


@delete("/{key_id:uuid}", access=ADMINS)
async def end_api_key(change: WritingChange, key_id: FromPath[UUID], precondition: Precondition) -> None:
    """Revoke an API key.

    The key stops working within a second and cannot be restored.
    """
    await revoke_api_key(change, str(key_id), precondition)


api_keys = Router(
    "/api/v1/api-keys", route_handlers=[add_api_key, list_api_keys, show_api_key, edit_api_key, end_api_key]
)
