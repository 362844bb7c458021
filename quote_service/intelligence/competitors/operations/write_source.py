"""People create, change and delete sources, have them fetched, and upload feeds.

Source: docs/spec/competitors.md#competitors-and-sources.
"""

from uuid import UUID

from msgspec import UNSET

from quote_service.intelligence.competitors.model.lanes import lane_of
from quote_service.intelligence.competitors.model.sources import (
    SOURCES_MAX,
    SourceDraft,
    SourceRecord,
    TooManySources,
    UploadRefused,
)
from quote_service.intelligence.competitors.operations.credentials_seal import CredentialsSeal
from quote_service.intelligence.competitors.operations.require_competitor import require_competitor
from quote_service.intelligence.competitors.tables.competitors import unknown_items
from quote_service.intelligence.competitors.tables.lanes import ensure_lane
from quote_service.intelligence.competitors.tables.listings import match_by_source
from quote_service.intelligence.competitors.tables.sources import (
    ask_now,
    count_sources,
    hold_source,
    insert_source,
    insert_upload,
    read_source,
    remove_source,
    update_source,
    write_credentials,
)
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Conflict, Invalid, NotFound
from quote_service.platform.system.new_ids import new_id
from quote_service.platform.system.preconditions import Precondition


async def create_source(change: Change, draft: SourceDraft, seal: CredentialsSeal) -> SourceRecord:
    """Write a source; it is fetched as soon as its host's pace allows.

    Args:
        change: Its author.
        draft: Without faults of its own (`source_faults`).
        seal: For its credentials.

    Raises:
        TooManySources: There are as many as there may be.
        Invalid: There is no such competitor, or no such product of ours.
    """
    if await count_sources(change.connection) >= SOURCES_MAX:
        raise TooManySources(f"There are {SOURCES_MAX} sources already")
    await _require_known(change.connection, draft)
    source_id, lane = UUID(new_id(change.at_us // 1000)), lane_of(draft)
    if lane is not None:
        await ensure_lane(change.connection, lane)
    await insert_source(change.connection, source_id, draft, lane, change.actor, change.at)
    await _write_credentials(change.connection, source_id, draft, seal)
    made = await read_source(change.connection, source_id)
    await change.record("source.create", None, made)
    return made


async def replace_source(
    change: Change,
    source_id: UUID,
    draft: SourceDraft,
    seal: CredentialsSeal,
    precondition: Precondition,
) -> SourceRecord:
    """Write a source again; it is fetched again at once, whatever became of it before.

    Raises:
        NotFound: There is none.
        Stale: It has been changed since the caller saw it.
        Invalid: There is no such product, or its kind or competitor would change.
    """
    held = await hold_source(change.connection, source_id)
    precondition.require(str(source_id), held.version)
    if draft.kind != held.kind:
        raise Invalid.at("/kind", f"cannot change; it is `{held.kind}`")
    if draft.competitor_id != held.competitor_id:
        raise Invalid.at("/competitor_id", "cannot change; create a source of the other competitor")
    await _require_known(change.connection, draft)
    lane, at = lane_of(draft), change.at
    if lane is not None:
        await ensure_lane(change.connection, lane)
    await update_source(change.connection, source_id, draft, lane, change.actor, at)
    await _write_credentials(change.connection, source_id, draft, seal)
    if draft.page is not None and draft.page.product_id is not None:
        page, former = draft.page, held.page
        is_said_now = former is None or (former.product_id, former.variant_id) != (page.product_id, page.variant_id)
        await match_by_source(change.connection, source_id, page, at, is_said_now=is_said_now)
    written = await read_source(change.connection, source_id)
    await change.record("source.replace", held, written)
    return written


async def delete_source(change: Change, source_id: UUID, precondition: Precondition) -> None:
    """Delete a source with its listings.

    Raises:
        NotFound, Stale: As above.
    """
    held = await hold_source(change.connection, source_id)
    precondition.require(str(source_id), held.version)
    await remove_source(change.connection, source_id)
    await change.record("source.delete", held)


async def fetch_now(connection: Connection, source_id: UUID) -> SourceRecord:
    """Have a source fetched as soon as its host's pace allows.

    Raises:
        NotFound: There is none.
        Conflict: It is disabled, or is not fetched at all.
    """
    await hold_source(connection, source_id)
    if not await ask_now(connection, source_id):
        raise Conflict("The source is disabled, or is not one that is fetched")
    return await read_source(connection, source_id)


async def receive_upload(connection: Connection, source_id: UUID, content_type: str, body: bytes) -> SourceRecord:
    """Keep an uploaded feed until a background process has read it.

    Raises:
        NotFound: There is no such source.
        UploadRefused: It is no feed, or disabled.
    """
    source = await read_source(connection, source_id)
    if source.kind != "feed" or not source.is_enabled:
        raise UploadRefused("Only feeds that are enabled take uploads")
    await insert_upload(connection, source_id, UUID(new_id()), content_type, body)
    return source


async def _require_known(connection: Connection, draft: SourceDraft) -> None:
    try:
        await require_competitor(connection, draft.competitor_id)
    except NotFound:
        raise Invalid.at("/competitor_id", "there is no such competitor") from None
    page = draft.page
    if page is None or page.product_id is None:
        return
    if await unknown_items(connection, [(page.product_id, page.variant_id)]):
        raise Invalid.at("/page/product_id", "there is no such product or variant")


async def _write_credentials(
    connection: Connection, source_id: UUID, draft: SourceDraft, seal: CredentialsSeal
) -> None:
    if draft.credentials is UNSET:
        return
    if isinstance(draft.credentials, dict):
        await write_credentials(connection, source_id, seal.seal(source_id, draft.credentials), seal.key_id)
    else:
        await write_credentials(connection, source_id, None, None)
