"""Partners and browser extensions tell what they have seen: many observations at once, each right or wrong by itself.

Source: docs/spec/competitors.md#pushing-observations.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from quote_service.intelligence.competitors.model.check_observation import observation_faults
from quote_service.intelligence.competitors.model.found_offers import FoundOffer
from quote_service.intelligence.competitors.model.gtin import gtin_14
from quote_service.intelligence.competitors.model.listings import (
    ObservationFault,
    PushAnswer,
    PushedObservation,
    RefusedRow,
)
from quote_service.intelligence.competitors.model.sources import PushRefused
from quote_service.intelligence.competitors.operations.take_offers import AT_ONCE, SeenOffer, take_offers
from quote_service.intelligence.competitors.tables.sources import FetchToWrite, hold_source, write_fetch
from quote_service.platform.documents.documents import Row
from quote_service.platform.postgres.change import Change
from quote_service.platform.system.errors import Invalid, NotFound
from quote_service.platform.system.new_ids import new_id

OBSERVED_DAYS = timedelta(days=30)
_AHEAD = timedelta(minutes=5)


async def receive_observations(change: Change, source_id: UUID, rows: Sequence[Row], size: int) -> PushAnswer:
    """Write what was pushed to a source.

    Args:
        change: Who pushes.
        source_id: The source.
        rows: What was read of each observation, or what is wrong with it.
        size: Bytes of the request.

    Raises:
        Invalid: There is no such source.
        PushRefused: It is none that is pushed to, or is disabled.
    """
    try:
        source = await hold_source(change.connection, source_id)
    except NotFound:
        raise Invalid.at("/source_id", "there is no such source") from None
    if source.kind != "push" or not source.is_enabled:
        raise PushRefused("Only sources of the kind `push` that are enabled take observations")
    at = change.at
    refused: list[RefusedRow] = []
    seen: list[SeenOffer] = []
    first: dict[tuple[str, datetime], tuple[int, FoundOffer]] = {}
    for row in rows:
        faults = row.faults or observation_faults(row.value, f"/observations/{row.position}", at, OBSERVED_DAYS, _AHEAD)
        if faults:
            errors = [ObservationFault(pointer=fault.pointer, detail=fault.detail) for fault in faults]
            refused.append(RefusedRow(position=row.position, errors=errors))
            continue
        each = _seen(row, at)
        place, former = first.setdefault((each.offer.external_id, each.observed_at), (row.position, each.offer))
        if former == each.offer:
            seen.append(each)
        else:
            messages = f"is of the listing and the instant of observation {place}, which counts"
            fault = ObservationFault(pointer=f"/observations/{row.position}", detail=messages)
            refused.append(RefusedRow(position=row.position, errors=[fault]))
    if not seen:
        return PushAnswer(fetch_id=None, accepted=0, changed=0, refused=refused)
    fetch_id = UUID(new_id())
    changed = 0
    for start in range(0, len(seen), AT_ONCE):
        changed += await take_offers(
            change.connection,
            source_id,
            source.competitor_id,
            None,
            seen[start : start + AT_ONCE],
            fetch_id=fetch_id,
            at=at,
        )
    messages = f"{len(refused)} refused" if refused else ""
    fetch = FetchToWrite(fetch_id, source_id, at, "ok", messages, True, size=size, offers=len(seen))
    await write_fetch(change.connection, fetch)
    return PushAnswer(fetch_id=fetch_id, accepted=len(seen), changed=changed, refused=refused)


def _seen(row: Row, at: datetime) -> SeenOffer:
    given: PushedObservation = row.value
    gtin = gtin_14(given.gtin) if given.gtin else None
    external_id = given.external_id or given.sku or gtin or given.url
    assert external_id is not None
    offer = FoundOffer(
        external_id=external_id,
        currency=given.currency,
        price=given.price,
        list_price=given.list_price,
        shipping=given.shipping,
        availability=given.availability,
        condition=given.condition,
        seller=given.seller,
        title=given.title,
        brand=given.brand,
        gtin=gtin,
        sku=given.sku,
        url=given.url,
        read_from="push",
    )
    return SeenOffer(offer, given.observed_at or at)
