"""People who price or analyse read feature flags and their history.

Source: docs/spec/feature-flags.md#managing-flags.
"""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from quote_service.platform.callers.access import FLAG_READERS
from quote_service.platform.http.answers import page_answer
from quote_service.platform.http.cursors import NoFilters, read_page
from quote_service.platform.http.openapi.described import VERSIONED, Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import NotFound
from quote_service.rulebook.feature_flags.model.flag_records import FlagFilters, FlagRecord
from quote_service.rulebook.feature_flags.routes.examples import FLAG
from quote_service.rulebook.feature_flags.routes.write_flags import shown
from quote_service.rulebook.feature_flags.tables.feature_flags import (
    flag_by_id,
    flag_by_key,
    page_of_flags,
    page_of_versions,
)

_LIST = "feature-flags"
_HISTORY = "feature-flag-history"
_ONE = Described(answer=FlagRecord, answer_example=FLAG, message="Feature flag", headers=VERSIONED)


@get(
    "/",
    opt={
        "access": FLAG_READERS,
        "described": Described(answer=FlagRecord, answer_example=FLAG, form="list", query=FlagFilters),
    },
)
async def list_feature_flags(request: Request[Any, Any, Any]) -> Response[bytes]:
    """List feature flags.

    Ordered by key. Archived flags are listed only with `is_archived=true`.
    """
    page = read_page(request.scope["query_string"], _LIST, FlagFilters, tuple[str, UUID])
    async with parts_of(request)[Database].read() as connection:
        rows = await page_of_flags(connection, page.filters, after=page.after, limit=page.limit + 1)
    return page_answer(page, _LIST, rows, lambda row: (row.key, row.id))


@get("/{flag_id:uuid}", opt={"access": FLAG_READERS, "described": _ONE})
async def show_feature_flag(request: Request[Any, Any, Any], flag_id: FromPath[UUID]) -> Response[bytes]:
    """Get a feature flag."""
    async with parts_of(request)[Database].read() as connection:
        flag = await flag_by_id(connection, flag_id)
    if flag is None:
        raise NotFound("There is no such feature flag")
    return shown(flag, "Feature flag")


@get("/key/{key:str}", opt={"access": FLAG_READERS, "described": _ONE})
async def show_feature_flag_by_key(request: Request[Any, Any, Any], key: FromPath[str]) -> Response[bytes]:
    """Get a feature flag by key."""
    async with parts_of(request)[Database].read() as connection:
        flag = await flag_by_key(connection, key)
    if flag is None:
        raise NotFound("There is no feature flag with this key")
    return shown(flag, "Feature flag")


@get(
    "/{flag_id:uuid}/history",
    opt={"access": FLAG_READERS, "described": Described(answer=FlagRecord, answer_example=FLAG, form="list")},
)
async def list_feature_flag_versions(request: Request[Any, Any, Any], flag_id: FromPath[UUID]) -> Response[bytes]:
    """List versions of a feature flag.

    Newest first, including the current version.
    """
    page = read_page(request.scope["query_string"], _HISTORY, NoFilters, tuple[int])
    async with parts_of(request)[Database].read() as connection:
        rows = await page_of_versions(
            connection, flag_id, before_version=page.after[0] if page.after else None, limit=page.limit + 1
        )
        if not rows and await flag_by_id(connection, flag_id) is None:
            raise NotFound("There is no such feature flag")
    return page_answer(page, _HISTORY, rows, lambda row: (row.version,))
