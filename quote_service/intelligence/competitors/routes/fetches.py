"""What became of sources, fetching them now, and uploads of feeds: below `/api/v1/sources/{id}`.

Source: docs/spec/competitors.md#outcomes; docs/spec/competitors.md#feeds.
"""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from quote_service.intelligence.competitors.model.sources import FetchRecord, SourceRecord, UploadRefused
from quote_service.intelligence.competitors.operations.write_source import fetch_now, receive_upload
from quote_service.intelligence.competitors.routes import examples
from quote_service.intelligence.competitors.tables.sources import page_of_fetches, read_source
from quote_service.platform.callers.access import COMPETITOR_READERS, COMPETITOR_WRITERS
from quote_service.platform.documents.documents import envelope
from quote_service.platform.http.answers import JSON, page_answer
from quote_service.platform.http.cursors import NoFilters, read_page
from quote_service.platform.http.openapi.described import Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Conflict, Invalid

_LIST = "source-fetches"


@post(
    "/{source_id:uuid}/fetch",
    status_code=202,
    opt={
        "access": COMPETITOR_WRITERS,
        "described": Described(
            answer=SourceRecord,
            answer_example=examples.SOURCE_RECORD,
            message="Fetch due now",
            problems=(Conflict,),
        ),
    },
)
async def fetch_source_now(request: Request[Any, Any, Any], source_id: FromPath[UUID]) -> Response[bytes]:
    """Fetch a source now.

    As soon as the pace of its host allows. Read the source, or its fetches, to see what became of it.
    """
    async with parts_of(request)[Database].transaction() as connection:
        source = await fetch_now(connection, source_id)
    return Response(envelope(source, "Fetch due now"), status_code=202, media_type=JSON)


@get(
    "/{source_id:uuid}/fetches",
    opt={
        "access": COMPETITOR_READERS,
        "described": Described(answer=FetchRecord, answer_example=examples.FETCH, form="list"),
    },
)
async def list_fetches(request: Request[Any, Any, Any], source_id: FromPath[UUID]) -> Response[bytes]:
    """List fetches of a source.

    Newest first, with the length and SHA-256 of what came.
    """
    page = read_page(request.scope["query_string"], _LIST, NoFilters, tuple[UUID])
    before = None if page.after is None else page.after[0]
    async with parts_of(request)[Database].read() as connection:
        await read_source(connection, source_id)
        rows = await page_of_fetches(connection, source_id, before=before, limit=page.limit + 1)
    return page_answer(page, _LIST, rows, lambda row: (row.id,))


@post(
    "/{source_id:uuid}/feed",
    status_code=202,
    opt={
        "access": COMPETITOR_WRITERS,
        "is_import": True,
        "media_types": tuple(examples.FEEDS),
        "described": Described(
            body=str,
            body_examples=examples.FEEDS,
            answer=SourceRecord,
            answer_example=examples.SOURCE_RECORD,
            message="Feed received",
            problems=(UploadRefused,),
        ),
    },
)
async def upload_feed(request: Request[Any, Any, Any], source_id: FromPath[UUID]) -> Response[bytes]:
    """Upload a feed.

    In the `format` of the source. It is read in the background; a later upload takes the place of one that has not been
    read yet. Read the fetches of the source to see what became of it.
    """
    body = await request.body()
    if not body.strip():
        raise Invalid.at("", "there is nothing in it")
    content_type = request.headers.get("content-type", "")[:200]
    async with parts_of(request)[Database].transaction() as connection:
        source = await receive_upload(connection, source_id, content_type, body)
    return Response(envelope(source, "Feed received"), status_code=202, media_type=JSON)
