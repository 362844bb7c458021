"""People who price or analyse read feature flags and their history.

Source: docs/spec/feature-flags.md#managing-flags.
"""

from uuid import UUID

from litestar.params import FromPath

from quote_service.platform.callers.access import FLAG_READERS
from quote_service.platform.http.cursors import NoFilters, Page
from quote_service.platform.http.endpoints.connections import Reading
from quote_service.platform.http.endpoints.endpoint import get
from quote_service.platform.http.endpoints.results import Cursor, Tagged
from quote_service.platform.system.errors import NotFound
from quote_service.rulebook.feature_flags.model.flag_records import FlagFilters, FlagRecord
from quote_service.rulebook.feature_flags.routes.examples import FLAG
from quote_service.rulebook.feature_flags.tables.feature_flags import (
    flag_by_id,
    flag_by_key,
    page_of_flags,
    page_of_versions,
)


@get(access=FLAG_READERS, example=FLAG, cursor=Cursor("feature-flags", ("key", "id")))
async def list_feature_flags(connection: Reading, page: Page[FlagFilters, tuple[str, UUID]]) -> list[FlagRecord]:
    """List feature flags.

    Ordered by key. Archived flags are listed only with `is_archived=true`.
    """
    return await page_of_flags(connection, page.filters, after=page.after, limit=page.limit + 1)


@get("/{flag_id:uuid}", access=FLAG_READERS, example=FLAG, message="Feature flag")
async def show_feature_flag(connection: Reading, flag_id: FromPath[UUID]) -> Tagged[FlagRecord]:
    """Get a feature flag."""
    flag = await flag_by_id(connection, flag_id)
    if flag is None:
        raise NotFound("There is no such feature flag")
    return flag


@get("/key/{key:str}", access=FLAG_READERS, example=FLAG, message="Feature flag")
async def show_feature_flag_by_key(connection: Reading, key: FromPath[str]) -> Tagged[FlagRecord]:
    """Get a feature flag by key."""
    flag = await flag_by_key(connection, key)
    if flag is None:
        raise NotFound("There is no feature flag with this key")
    return flag


@get("/{flag_id:uuid}/history", access=FLAG_READERS, example=FLAG, cursor=Cursor("feature-flag-history", ("version",)))
async def list_feature_flag_versions(
    connection: Reading, flag_id: FromPath[UUID], page: Page[NoFilters, tuple[int]]
) -> list[FlagRecord]:
    """List versions of a feature flag.

    Newest first, including the current version.
    """
    rows = await page_of_versions(
        connection, flag_id, before_version=page.after[0] if page.after else None, limit=page.limit + 1
    )
    if not rows and await flag_by_id(connection, flag_id) is None:
        raise NotFound("There is no such feature flag")
    return rows
