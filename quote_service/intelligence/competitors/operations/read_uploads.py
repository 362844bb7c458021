"""Read feeds that were uploaded.

Source: docs/spec/competitors.md#feeds.
"""

import hashlib
from collections.abc import Sequence

from quote_service.intelligence.competitors.model.found_offers import FoundOffer
from quote_service.intelligence.competitors.model.outcomes import CONFIRMING, Outcome
from quote_service.intelligence.competitors.model.reading.read_feed import FeedJob
from quote_service.intelligence.competitors.model.sources import SourceRecord
from quote_service.intelligence.competitors.operations.fetching.decode_body import GZIP, Undecodable, unpack
from quote_service.intelligence.competitors.operations.fetching.fetch_pages import FEED_BYTES_MAX
from quote_service.intelligence.competitors.operations.reading.messages import Answer
from quote_service.intelligence.competitors.operations.reading.page_reader import PageReader
from quote_service.intelligence.competitors.operations.take_offers import AT_ONCE, SeenOffer, take_offers
from quote_service.intelligence.competitors.tables.sources import (
    FetchToWrite,
    Upload,
    claim_upload,
    read_source,
    remove_upload,
    write_fetch,
)
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Invalid
from quote_service.platform.system.traces import traced_work

_CLAIM_SECONDS = 180.0


@traced_work("read upload of listings")
async def read_upload(database: Database, reader: PageReader) -> bool:
    """Read the upload that has waited longest; whether there was one.

    Raises:
        Unavailable: PostgreSQL cannot be reached; it is read again later.
        NotFound, Conflict: Its source was deleted meanwhile.
    """
    async with database.read() as connection:
        upload = await claim_upload(connection, _CLAIM_SECONDS)
        if upload is None:
            return False
        source = await read_source(connection, upload.source_id)
    read = await _read(reader, source, upload)
    outcome, detail, offers = read.outcome, read.detail, len(read.offers)
    try:
        await _take(database, source, upload, read.offers)
    except Invalid as refused:
        outcome, detail, offers = "parse_error", f"it cannot be kept: {refused.detail}", 0
    async with database.transaction() as connection:
        await write_fetch(connection, _fetch_of(upload, outcome, detail, offers))
        await remove_upload(connection, upload)
    return True


async def _read(reader: PageReader, source: SourceRecord, upload: Upload) -> Answer:
    assert source.feed is not None
    body = upload.body
    if body.startswith(GZIP):  # a file that is packed, such as prices.csv.gz
        try:
            body = unpack(body, FEED_BYTES_MAX, "gzip")
        except Undecodable as refused:
            return Answer(outcome="parse_error", detail=str(refused))
    return await reader.read(
        FeedJob(
            body=body,
            content_type=upload.content_type,
            format=source.feed.format,
            currency=source.currency,
            country=source.country,
            fields=source.feed.fields,
            at=upload.received_at,
        )
    )


async def _take(database: Database, source: SourceRecord, upload: Upload, offers: Sequence[FoundOffer]) -> None:
    for start in range(0, len(offers), AT_ONCE):
        seen = [SeenOffer(offer, upload.received_at) for offer in offers[start : start + AT_ONCE]]
        async with database.transaction() as connection:
            await take_offers(
                connection,
                source.id,
                source.competitor_id,
                None,
                seen,
                fetch_id=upload.id,
                at=upload.received_at,
            )


def _fetch_of(upload: Upload, outcome: Outcome, detail: str, offers: int) -> FetchToWrite:
    return FetchToWrite(
        upload.id,
        upload.source_id,
        upload.received_at,
        outcome,
        detail[:2000],
        outcome in CONFIRMING,
        size=len(upload.body),
        sha256=hashlib.sha256(upload.body).digest(),
        offers=offers,
    )
