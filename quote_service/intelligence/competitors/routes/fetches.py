"""What became of sources, fetching them now, and uploads of feeds: below `/api/v1/sources/{id}`.

Source: docs/spec/competitors.md#outcomes; docs/spec/competitors.md#feeds.
"""

from uuid import UUID

from litestar.params import FromPath

from quote_service.intelligence.competitors.model.sources import FetchRecord, SourceRecord, UploadRefused
from quote_service.intelligence.competitors.operations.write_source import fetch_now, receive_upload
from quote_service.intelligence.competitors.routes import examples
from quote_service.intelligence.competitors.tables.sources import page_of_fetches, read_source
from quote_service.platform.callers.access import COMPETITOR_READERS, COMPETITOR_WRITERS
from quote_service.platform.http.cursors import NoFilters, Page
from quote_service.platform.http.endpoints.connections import Reading, Writing
from quote_service.platform.http.endpoints.endpoint import get, post
from quote_service.platform.http.endpoints.parameters import AnyRequest
from quote_service.platform.http.endpoints.results import Cursor
from quote_service.platform.system.errors import Conflict, Invalid


@post(
    "/{source_id:uuid}/fetch", status_code=202, access=COMPETITOR_WRITERS, message="Fetch due now", problems=(Conflict,)
)
async def fetch_source_now(connection: Writing, source_id: FromPath[UUID]) -> SourceRecord:
    """Fetch a source now.

    As soon as the pace of its host allows. Read the source, or its fetches, to see what became of it.
    """
    return await fetch_now(connection, source_id)


@get("/{source_id:uuid}/fetches", access=COMPETITOR_READERS, cursor=Cursor("source-fetches", ("id",)))
async def list_fetches(
    connection: Reading, source_id: FromPath[UUID], page: Page[NoFilters, tuple[UUID]]
) -> list[FetchRecord]:
    """List fetches of a source.

    Newest first, with the length and SHA-256 of what came.
    """
    await read_source(connection, source_id)
    return await page_of_fetches(connection, source_id, before=page.after_id, limit=page.limit + 1)


async def _feed(request: AnyRequest) -> bytes:
    body = await request.body()
    if not body.strip():
        raise Invalid.at("", "there is nothing in it")
    return body


@post(
    "/{source_id:uuid}/feed",
    status_code=202,
    access=COMPETITOR_WRITERS,
    message="Feed received",
    dependencies={"feed": _feed},
    body=str,
    body_examples=examples.FEEDS,
    problems=(UploadRefused,),
    is_import=True,
    media_types=tuple(examples.FEEDS),
)
async def upload_feed(request: AnyRequest, connection: Writing, source_id: FromPath[UUID], feed: bytes) -> SourceRecord:
    """Upload a feed.

    In the `format` of the source. It is read in the background; a later upload takes the place of one that has not been
    read yet. Read the fetches of the source to see what became of it.
    """
    content_type = request.headers.get("content-type", "")[:200]
    return await receive_upload(connection, source_id, content_type, feed)
