"""People create and change competitors, and say whose SKU is which product of ours.

Source: docs/spec/competitors.md#competitors-and-sources.
"""

from uuid import UUID

from quote_service.intelligence.competitors.model.competitors import (
    COMPETITORS_MAX,
    CompetitorDraft,
    CompetitorRecord,
    SkuMap,
    SkuMapWritten,
    TooManyCompetitors,
)
from quote_service.intelligence.competitors.tables.competitors import (
    count_competitors,
    hold_competitor,
    insert_competitor,
    read_competitor,
    unknown_items,
    update_competitor,
    write_skus,
)
from quote_service.intelligence.competitors.tables.listings import match_exactly
from quote_service.platform.documents.documents import write_document
from quote_service.platform.postgres.audit_log import record_change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.changes import Change
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.new_ids import new_id
from quote_service.platform.system.preconditions import Precondition


async def create_competitor(connection: Connection, change: Change, draft: CompetitorDraft) -> CompetitorRecord:
    """Write a competitor.

    Raises:
        TooManyCompetitors: There are as many as there may be.
        NameTaken: Another one has the name.
    """
    if await count_competitors(connection) >= COMPETITORS_MAX:
        raise TooManyCompetitors(f"There are {COMPETITORS_MAX} competitors already")
    competitor_id = UUID(new_id(change.at_us // 1000))
    await insert_competitor(connection, competitor_id, draft, change.actor, from_micros(change.at_us))
    made = await read_competitor(connection, competitor_id)
    await _audit(connection, change, "competitor.create", None, made)
    return made


async def replace_competitor(
    connection: Connection, change: Change, competitor_id: UUID, draft: CompetitorDraft, precondition: Precondition
) -> CompetitorRecord:
    """Write a competitor anew; nothing is written where nothing changes.

    Raises:
        NotFound: There is none.
        Stale: It has been changed since the caller saw it.
        NameTaken: Another one has the name.
    """
    held = await hold_competitor(connection, competitor_id)
    precondition.require(str(competitor_id), held.version)
    if (held.name, held.website, held.notes, held.is_active) == (
        draft.name,
        draft.website,
        draft.notes,
        draft.is_active,
    ):
        return held
    await update_competitor(connection, competitor_id, draft, change.actor, from_micros(change.at_us))
    written = await read_competitor(connection, competitor_id)
    await _audit(connection, change, "competitor.replace", held, written)
    return written


async def map_skus(connection: Connection, change: Change, competitor_id: UUID, given: SkuMap) -> SkuMapWritten:
    """Write whose SKU is which product, and match the listings that have these SKUs.

    Args:
        connection: Inside a transaction.
        change: Its author.
        competitor_id: Whose SKUs they are.
        given: Without faults of its own (`sku_map_faults`).

    Raises:
        NotFound: There is no such competitor.
        Invalid: A product or variant is none of ours.
    """
    await hold_competitor(connection, competitor_id)
    mapped = [
        (place, mapping.product_id, mapping.variant_id)
        for place, mapping in enumerate(given.skus)
        if mapping.product_id is not None
    ]
    unknown = await unknown_items(connection, [(product_id, variant_id) for _, product_id, variant_id in mapped])
    if unknown:
        raise Invalid.because(
            tuple(
                Fault(f"/skus/{mapped[place][0]}/product_id", "there is no such product or variant")
                for place in unknown
            )
        )
    removed = await write_skus(connection, competitor_id, given.skus)
    matched = await match_exactly(connection, competitor_id, None, from_micros(change.at_us))
    written = SkuMapWritten(written=len(mapped), removed=removed, matched=matched)
    await record_change(
        connection,
        change,
        action="competitor.map_skus",
        object_kind="competitor",
        object_id=str(competitor_id),
        before=None,
        after=write_document(written),
    )
    return written


async def _audit(
    connection: Connection, change: Change, action: str, before: CompetitorRecord | None, after: CompetitorRecord
) -> None:
    await record_change(
        connection,
        change,
        action=action,
        object_kind="competitor",
        object_id=str(after.id),
        before=None if before is None else write_document(before),
        after=write_document(after),
    )
