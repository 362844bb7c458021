"""Take in offers of a source, however they came: write what they are called, match what is certain, and keep what was seen.

Source: docs/spec/competitors.md#observations; docs/spec/competitors.md#matching.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from quote_service.intelligence.competitors.model.found_offers import FoundOffer
from quote_service.intelligence.competitors.model.sources import PageSettings
from quote_service.intelligence.competitors.tables.listings import match_by_source, match_exactly, write_listings
from quote_service.intelligence.competitors.tables.offers import OfferToWrite, write_offers
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.new_ids import new_id

#: Written by one statement; more are written in several transactions, for others to get between.
AT_ONCE = 1000


class SeenOffer(NamedTuple):
    """An offer, and when it was seen."""

    offer: FoundOffer
    observed_at: datetime


async def take_offers(
    connection: Connection,
    source_id: UUID,
    competitor_id: UUID,
    page: PageSettings | None,
    seen: Sequence[SeenOffer],
    *,
    fetch_id: UUID,
    at: datetime,
) -> int:
    """Write offers; how many told something new.

    Args:
        connection: Inside a transaction.
        source_id: Where they are from.
        competitor_id: Whose they are.
        page: The settings of a page, which may name the product.
        seen: At most AT_ONCE; of the same thing at the same instant the first counts.
        fetch_id: The fetch or push that brought them.
        at: Now.
    """
    by_name = {each.offer.external_id: each.offer for each in seen}
    ids = await write_listings(
        connection, source_id, competitor_id, [(UUID(new_id()), offer) for offer in by_name.values()], at
    )
    if page is not None and page.product_id is not None:
        await match_by_source(connection, source_id, page, at)
    else:
        await match_exactly(connection, competitor_id, list(ids.values()), at)
    first: dict[tuple[UUID, datetime], FoundOffer] = {}
    for each in seen:
        first.setdefault((ids[each.offer.external_id], each.observed_at), each.offer)
    return await write_offers(
        connection,
        [
            OfferToWrite(listing_id, UUID(new_id()), observed_at, offer)
            for (listing_id, observed_at), offer in first.items()
        ],
        at,
        fetch_id,
    )
