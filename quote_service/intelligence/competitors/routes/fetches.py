"""What became of sources, fetching them now, and uploads of feeds: below `/api/v1/sources/{id}`.

Source: docs/spec/competitors.md#outcomes; docs/spec/competitors.md#feeds.
"""

from uuid import UUID

import msgspec
from litestar.params import FromPath

from quote_service.intelligence.competitors.model.outcomes import Outcome
from quote_service.intelligence.competitors.model.sources import FetchRecord, SourceRecord, UploadRefused
from quote_service.intelligence.competitors.operations.write_source import fetch_now, receive_upload
from quote_service.intelligence.competitors.routes import examples
from quote_service.intelligence.competitors.tables.sources import FETCH_ROWS, read_source
from quote_service.platform.callers.access import COMPETITOR_READERS, COMPETITOR_WRITERS
from quote_service.platform.http.checked_filters import check_filters
from quote_service.platform.http.endpoints.connections import Writing
from quote_service.platform.http.endpoints.endpoint import get, post
from quote_service.platform.http.endpoints.parameters import RawBody
from quote_service.platform.http.lists.listing import ListAnswer, Listing, ListRequest
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Conflict, Invalid
from quote_service.shop.catalog.model.price_changes import Instant


@post(
    "/{source_id:uuid}/fetch", status_code=202, access=COMPETITOR_WRITERS, message="Fetch due now", problems=(Conflict,)
)
async def fetch_source_now(connection: Writing, source_id: FromPath[UUID]) -> SourceRecord:
    """Fetch a source now.

    As soon as the pace of its host allows. Read the source, or its fetches, to see what became of it.
    """
    return await fetch_now(connection, source_id)


class FetchFilters(msgspec.Struct, frozen=True):
    """Which fetches to list."""

    outcome: Outcome | None = None
    """Only fetches that ended so, such as `blocked`."""
    from_: Instant | None = msgspec.field(default=None, name="from")
    """Only fetches at this instant or later."""
    to: Instant | None = None
    """Only fetches before this instant."""


@get(
    "/{source_id:uuid}/fetches",
    access=COMPETITOR_READERS,
    listing=Listing("source-fetches", FETCH_ROWS, FetchFilters),
)
async def list_fetches(rows: ListRequest[FetchRecord], source_id: FromPath[UUID]) -> ListAnswer:
    """List fetches of a source.

    Newest first, with the length and SHA-256 of what came.
    """

    async def check(connection: Connection, asked: FetchFilters) -> None:
        await read_source(connection, source_id)
        check_filters(since=asked.from_, until=asked.to)

    return await rows.answer({"source_id": source_id}, check=check)


def _check_feed(data: bytes) -> None:
    if not data.strip():
        raise Invalid.at("", "there is nothing in it")


@post(
    "/{source_id:uuid}/feed",
    status_code=202,
    access=COMPETITOR_WRITERS,
    message="Feed received",
    check=_check_feed,
    body=str,
    body_examples=examples.FEEDS,
    problems=(UploadRefused,),
    is_import=True,
    media_types=tuple(examples.FEEDS),
)
async def upload_feed(
    request: AnyRequest, connection: Writing, source_id: FromPath[UUID], data: RawBody
) -> SourceRecord:
    """Upload a feed.

    In the `format` of the source. It is read in the background; a later upload takes the place of one that has not been
    read yet. Read the fetches of the source to see what became of it.
    """
    content_type = request.headers.get("content-type", "")[:200]
    return await receive_upload(connection, source_id, content_type, data)
