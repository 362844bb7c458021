"""Listings, which product of ours they are, and what was observed of them: `/api/v1/listings`.

Source: docs/spec/competitors.md#matching; docs/spec/competitors.md#observations.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.params import FromPath
from litestar.response import Stream

from quote_service.intelligence.competitors.model.listings import (
    Instant,
    ListingRecord,
    MatchDecision,
    MatchRejection,
    MatchState,
    ObservationRecord,
)
from quote_service.intelligence.competitors.operations.decide_match import confirm_match, reject_match, undo_match
from quote_service.intelligence.competitors.routes import examples
from quote_service.intelligence.competitors.tables.competitors import read_competitor
from quote_service.intelligence.competitors.tables.listings import LISTING_ROWS, read_listing
from quote_service.intelligence.competitors.tables.offers import page_of_observations
from quote_service.intelligence.competitors.tables.sources import read_source
from quote_service.platform.callers.access import COMPETITOR_READERS, COMPETITOR_WRITERS
from quote_service.platform.documents.documents import read_document
from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.http.answers import page_answer, tagged_answer
from quote_service.platform.http.callers import change_of
from quote_service.platform.http.checked_filters import check_filters, check_named
from quote_service.platform.http.cursors import read_page
from quote_service.platform.http.etags import precondition_of
from quote_service.platform.http.lists.listing import Listing
from quote_service.platform.http.openapi.described import VERSIONED, Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.shop.catalog.operations.require_product import require_product

_OBSERVATIONS = "listing-observations"


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


_LIST = Listing("listings", LISTING_ROWS, ListingFilters)


class ObservationFilters(msgspec.Struct, frozen=True, rename={"since": "from", "until": "to"}):
    """Which observations to list."""

    since: Instant | None = None
    """Only observations from this instant on."""
    until: Instant | None = None
    """Only observations before this instant."""


@get("/", opt={"access": COMPETITOR_READERS, "described": _LIST.described(examples.LISTING)})
async def list_listings(request: Request[Any, Any, Any]) -> Response[bytes] | Stream:
    """List listings.

    What competitors offer, with what it costs now and which of our products it is. Oldest first.
    """
    return await _LIST.answer(request, check_empty=_check_named)


async def _check_named(connection: Connection, asked: ListingFilters) -> None:
    await check_named(
        connection,
        competitor_id=(read_competitor, asked.competitor_id),
        source_id=(read_source, asked.source_id),
        product_id=(require_product, asked.product_id),
    )


@get(
    "/{listing_id:uuid}",
    opt={
        "access": COMPETITOR_READERS,
        "described": Described(
            answer=ListingRecord, answer_example=examples.LISTING, message="Listing", headers=VERSIONED
        ),
    },
)
async def show_listing(request: Request[Any, Any, Any], listing_id: FromPath[UUID]) -> Response[bytes]:
    """Get a listing."""
    async with parts_of(request)[Database].read() as connection:
        found = await read_listing(connection, listing_id)
    return tagged_answer(found, "Listing", found.id, found.version)


@put(
    "/{listing_id:uuid}/match",
    opt={
        "access": COMPETITOR_WRITERS,
        "described": Described(
            body=MatchDecision,
            body_example=examples.DECISION,
            answer=ListingRecord,
            answer_example={**examples.LISTING, "match_method": "person", "version": 2},
            message="Listing matched",
            conditional=True,
            headers=VERSIONED,
        ),
    },
)
async def match_listing(request: Request[Any, Any, Any], listing_id: FromPath[UUID]) -> Response[bytes]:
    """Match a listing to a product.

    Confirms a proposal, or names any other product. Nothing but a person changes it afterwards. `units` is how many units of
    ours one of theirs holds: their price is divided by it.
    """
    wanted = read_document(await request.body(), MatchDecision)
    async with parts_of(request)[Database].transaction() as connection:
        written = await confirm_match(connection, change_of(request), listing_id, wanted, precondition_of(request))
    return tagged_answer(written, "Listing matched", written.id, written.version)


@delete(
    "/{listing_id:uuid}/match",
    status_code=204,
    opt={"access": COMPETITOR_WRITERS, "described": Described(form="nothing", conditional=True)},
)
async def unmatch_listing(request: Request[Any, Any, Any], listing_id: FromPath[UUID]) -> Response[None]:
    """Undo what was decided of a listing.

    Its product is looked for again, among all products.
    """
    async with parts_of(request)[Database].transaction() as connection:
        await undo_match(connection, change_of(request), listing_id, precondition_of(request))
    return Response(None, status_code=204)


@post(
    "/{listing_id:uuid}/reject",
    status_code=200,
    opt={
        "access": COMPETITOR_WRITERS,
        "described": Described(
            body=MatchRejection,
            body_example=examples.REJECTION,
            answer=ListingRecord,
            answer_example={
                **examples.LISTING,
                "match_state": "unmatched",
                "match_method": None,
                "product_id": None,
                "version": 2,
            },
            message="Match rejected",
            conditional=True,
            headers=VERSIONED,
        ),
    },
)
async def reject_listing(request: Request[Any, Any, Any], listing_id: FromPath[UUID]) -> Response[bytes]:
    """Reject a match.

    The listing is not this product, and it is not proposed again. Without a product the listing is none of ours, and ignored.
    """
    wanted = read_document(await request.body(), MatchRejection)
    async with parts_of(request)[Database].transaction() as connection:
        written = await reject_match(connection, change_of(request), listing_id, wanted, precondition_of(request))
    return tagged_answer(written, "Match rejected", written.id, written.version)


@get(
    "/{listing_id:uuid}/observations",
    opt={
        "access": COMPETITOR_READERS,
        "described": Described(
            answer=ObservationRecord, answer_example=examples.OBSERVATION, form="list", query=ObservationFilters
        ),
    },
)
async def list_observations(request: Request[Any, Any, Any], listing_id: FromPath[UUID]) -> Response[bytes]:
    """List observations of a listing.

    Newest first: one for each change, and one a day while nothing changes. Each says what it was read from.
    """
    page = read_page(request.scope["query_string"], _OBSERVATIONS, ObservationFilters, tuple[datetime])
    check_filters(since=page.filters.since, until=page.filters.until)
    before = None if page.after is None else page.after[0]
    async with parts_of(request)[Database].read() as connection:
        await read_listing(connection, listing_id)
        rows = await page_of_observations(
            connection,
            listing_id,
            since=page.filters.since,
            until=page.filters.until,
            before=before,
            limit=page.limit + 1,
        )
    return page_answer(page, _OBSERVATIONS, rows, lambda row: (row.observed_at,))
