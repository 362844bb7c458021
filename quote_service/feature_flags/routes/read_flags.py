"""People who price or analyse read feature flags and their history.

Source: spec 6, Admin.
"""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from quote_service.api.described import Described
from quote_service.api.feature_flags.examples import FLAG, TAGGED
from quote_service.api.feature_flags.write_flags import shown
from quote_service.api.runtime import runtime_of
from quote_service.api.wire.cursors import NoFilters, read_page, write_cursor
from quote_service.api.wire.documents import list_envelope
from quote_service.domain.access import READERS
from quote_service.domain.errors import NotFound
from quote_service.domain.flag_records import FlagFilters, FlagRecord
from quote_service.postgres.feature_flags import flag_by_id, flag_by_key, page_of_flags, page_of_versions

_JSON = "application/json"
_LIST = "feature-flags"
_HISTORY = "feature-flag-history"
_ONE = Described(answer=FlagRecord, answer_example=FLAG, message="Feature flag", headers=TAGGED)


@get(
    "/",
    opt={
        "access": READERS,
        "described": Described(answer=FlagRecord, answer_example=FLAG, form="list", query=FlagFilters),
    },
)
async def list_feature_flags(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Feature flags by key, those that are archived only when asked for."""
    page = read_page(request.scope["query_string"], _LIST, FlagFilters, tuple[str, UUID])
    async with runtime_of(request).database.read() as connection:
        rows = await page_of_flags(connection, page.filters, after=page.after, limit=page.limit + 1)
    last = rows[page.limit - 1] if len(rows) > page.limit else None
    cursor = write_cursor(_LIST, (last.key, last.id)) if last is not None else None
    return Response(list_envelope(rows[: page.limit], cursor), media_type=_JSON)


@get("/{flag_id:uuid}", opt={"access": READERS, "described": _ONE})
async def show_feature_flag(request: Request[Any, Any, Any], flag_id: FromPath[UUID]) -> Response[bytes]:
    """One feature flag."""
    async with runtime_of(request).database.read() as connection:
        flag = await flag_by_id(connection, flag_id)
    if flag is None:
        raise NotFound("There is no such feature flag")
    return shown(flag, "Feature flag")


@get("/key/{key:str}", opt={"access": READERS, "described": _ONE})
async def show_feature_flag_by_key(request: Request[Any, Any, Any], key: FromPath[str]) -> Response[bytes]:
    """One feature flag, by its key."""
    async with runtime_of(request).database.read() as connection:
        flag = await flag_by_key(connection, key)
    if flag is None:
        raise NotFound("There is no feature flag with this key")
    return shown(flag, "Feature flag")


@get(
    "/{flag_id:uuid}/history",
    opt={"access": READERS, "described": Described(answer=FlagRecord, answer_example=FLAG, form="list")},
)
async def list_feature_flag_versions(request: Request[Any, Any, Any], flag_id: FromPath[UUID]) -> Response[bytes]:
    """Every version of a feature flag, newest first, the one in force too."""
    page = read_page(request.scope["query_string"], _HISTORY, NoFilters, tuple[int])
    async with runtime_of(request).database.read() as connection:
        rows = await page_of_versions(
            connection, flag_id, before_version=page.after[0] if page.after else None, limit=page.limit + 1
        )
        if not rows and await flag_by_id(connection, flag_id) is None:
            raise NotFound("There is no such feature flag")
    cursor = write_cursor(_HISTORY, (rows[page.limit - 1].version,)) if len(rows) > page.limit else None
    return Response(list_envelope(rows[: page.limit], cursor), media_type=_JSON)
