"""Look for the products of listings that nothing has matched, and propose what a person may confirm.

Source: docs/spec/competitors.md#matching.
"""

from uuid import UUID

from quote_service.intelligence.competitors.model.listings import Proposal
from quote_service.intelligence.competitors.model.reading.score_titles import Scored, ScoreJob
from quote_service.intelligence.competitors.operations.reading.page_reader import PageReader
from quote_service.intelligence.competitors.tables.listings import (
    WaitingListing,
    candidates_for,
    match_one_by_gtin,
    waiting_for_proposals,
    write_proposals,
)
from quote_service.platform.money.numbers import written_number
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.clock import now_us
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.traces import traced_work

LISTINGS_AT_ONCE = 100


@traced_work("propose matches")
async def propose_matches(database: Database, reader: PageReader) -> int:
    """Look for the products of some listings; how many were looked at, LISTINGS_AT_ONCE if there may be more.

    Raises:
        Unavailable: PostgreSQL cannot be reached.
    """
    async with database.read() as connection:
        waiting = await waiting_for_proposals(connection, after=None, limit=LISTINGS_AT_ONCE)
    for listing in waiting:
        await _look_for(database, reader, listing)
    return len(waiting)


async def _look_for(database: Database, reader: PageReader, listing: WaitingListing) -> None:
    at = from_micros(now_us())
    if listing.gtin is not None:
        async with database.transaction() as connection:
            if await match_one_by_gtin(connection, listing.id, at):
                return
    candidates = []
    if listing.title:
        async with database.read() as connection:
            candidates = await candidates_for(connection, listing.title, listing.rejected)
    proposals: list[Proposal] | None = []
    if candidates and listing.title:
        answer = await reader.read(ScoreJob(title=listing.title, brand=listing.brand, candidates=candidates))
        # A process that did not end with its job has not said that nothing is alike.
        proposals = [_proposal(each) for each in answer.scored] if answer.outcome == "ok" else None
    async with database.transaction() as connection:
        await write_proposals(connection, listing, proposals, at)


def _proposal(scored: Scored) -> Proposal:
    return Proposal(
        product_id=UUID(scored.product_id),
        variant_id=None if scored.variant_id is None else UUID(scored.variant_id),
        name=scored.name,
        score=written_number(str(scored.score)),
        units=None if scored.units is None else written_number(scored.units),
    )
