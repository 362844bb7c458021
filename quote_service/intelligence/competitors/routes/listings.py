"""Listings, which product of ours they are, and what was observed of them: `/api/v1/listings`.

Source: docs/spec/competitors.md#matching; docs/spec/competitors.md#observations.
"""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import FromPath

from quote_service.intelligence.competitors.model.listings import (
    Instant,
    ListingRecord,
    MatchDecision,
    MatchRejection,
    MatchState,
    ObservationRecord,
)
from quote_service.intelligence.competitors.operations.decide_match import confirm_match, reject_match, undo_match
from quote_service.intelligence.competitors.operations.require_competitor import require_competitor
from quote_service.intelligence.competitors.routes import examples
from quote_service.intelligence.competitors.tables.listings import LISTING_ROWS, read_listing
from quote_service.intelligence.competitors.tables.offers import OBSERVATION_ROWS
from quote_service.intelligence.competitors.tables.sources import read_source
from quote_service.platform.callers.access import COMPETITOR_READERS, COMPETITOR_WRITERS
from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.http.checked_filters import check_filters, check_named
from quote_service.platform.http.endpoints.connections import Reading, WritingChange
from quote_service.platform.http.endpoints.endpoint import delete, get, post, put
from quote_service.platform.http.endpoints.results import Tagged
from quote_service.platform.http.lists.listing import ListAnswer, Listing, ListRequest
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.preconditions import Precondition
from quote_service.shop.catalog.operations.require_product import require_product


class ListingFilters(msgspec.Struct, frozen=True):
    """Which listings to list."""

    competitor_id: UUID | None = None
    """Only listings of this competitor."""
    source_id: UUID | None = None
    """Only listings of this source."""
    product_id: UUID | None = None
    """Only listings that are matched to this product."""
    match_state: Annotated[MatchState | None, Renamed("match_status")] = None
    """Only listings in this state: with `proposed`, those that wait for a person."""


class ObservationFilters(msgspec.Struct, frozen=True, rename={"since": "from", "until": "to"}):
    """Which observations to list."""

    since: Instant | None = None
    """Only observations from this instant on."""
    until: Instant | None = None
    """Only observations before this instant."""


@get(access=COMPETITOR_READERS, listing=Listing("listings", LISTING_ROWS, ListingFilters))
async def list_listings(rows: ListRequest[ListingRecord]) -> ListAnswer:
    """List listings.

    What competitors offer, with what it costs now and which of our products it is. Oldest first.
    """
    return await rows.answer(check_empty=_check_named)


async def _check_named(connection: Connection, asked: ListingFilters) -> None:
    await check_named(
        connection,
        competitor_id=(require_competitor, asked.competitor_id),
        source_id=(read_source, asked.source_id),
        product_id=(require_product, asked.product_id),
    )


@get("/{listing_id:uuid}", access=COMPETITOR_READERS, message="Listing")
async def show_listing(connection: Reading, listing_id: FromPath[UUID]) -> Tagged[ListingRecord]:
    """Get a listing."""
    return await read_listing(connection, listing_id)


@put(
    "/{listing_id:uuid}/match",
    access=COMPETITOR_WRITERS,
    example={**examples.LISTING, "match_method": "person", "version": 2},
    message="Listing matched",
)
async def match_listing(
    change: WritingChange, listing_id: FromPath[UUID], data: MatchDecision, precondition: Precondition
) -> Tagged[ListingRecord]:
    """Match a listing to a product.

    Confirms a proposal, or names any other product. Nothing but a person changes it afterwards. `units` is how many units of
    ours one of theirs holds: their price is divided by it.
    """
    return await confirm_match(change, listing_id, data, precondition)


@delete("/{listing_id:uuid}/match", access=COMPETITOR_WRITERS)
async def unmatch_listing(change: WritingChange, listing_id: FromPath[UUID], precondition: Precondition) -> None:
    """Undo what was decided of a listing.

    Its product is looked for again, among all products.
    """
    await undo_match(change, listing_id, precondition)


@post(
    "/{listing_id:uuid}/reject",
    status_code=200,
    access=COMPETITOR_WRITERS,
    example={
        **examples.LISTING,
        "match_state": "unmatched",
        "match_method": None,
        "product_id": None,
        "version": 2,
    },
    message="Match rejected",
)
async def reject_listing(
    change: WritingChange, listing_id: FromPath[UUID], data: MatchRejection, precondition: Precondition
) -> Tagged[ListingRecord]:
    """Reject a match.

    The listing is not this product, and it is not proposed again. Without a product the listing is none of ours, and ignored.
    """
    return await reject_match(change, listing_id, data, precondition)


@get(
    "/{listing_id:uuid}/observations",
    access=COMPETITOR_READERS,
    listing=Listing("listing-observations", OBSERVATION_ROWS, ObservationFilters),
)
async def list_observations(rows: ListRequest[ObservationRecord], listing_id: FromPath[UUID]) -> ListAnswer:
    """List observations of a listing.

    Newest first: one for each change, and one a day while nothing changes. Each says what it was read from.
    """

    async def check(connection: Connection, asked: ObservationFilters) -> None:
        check_filters(since=asked.since, until=asked.until)
        await read_listing(connection, listing_id)

    return await rows.answer({"listing_id": listing_id}, check=check)
