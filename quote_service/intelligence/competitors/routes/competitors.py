"""Competitors and their maps of SKUs: `/api/v1/competitors`.

Source: docs/spec/competitors.md#competitors-and-sources.
"""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post, put
from litestar.params import FromPath
from litestar.response import Stream

from quote_service.intelligence.competitors.model.competitors import (
    CompetitorDraft,
    CompetitorRecord,
    SkuMap,
    SkuMapping,
    SkuMapWritten,
    TooManyCompetitors,
    sku_map_faults,
)
from quote_service.intelligence.competitors.operations.write_competitor import (
    create_competitor,
    map_skus,
    replace_competitor,
)
from quote_service.intelligence.competitors.routes import examples
from quote_service.intelligence.competitors.tables.competitors import COMPETITOR_ROWS, page_of_skus, read_competitor
from quote_service.platform.callers.access import COMPETITOR_READERS, COMPETITOR_WRITERS
from quote_service.platform.documents.documents import read_document
from quote_service.platform.http.answers import one_answer, page_answer, tagged_answer
from quote_service.platform.http.callers import change_of
from quote_service.platform.http.cursors import NoFilters, read_page
from quote_service.platform.http.etags import precondition_of
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.lists.listing import Listing
from quote_service.platform.http.openapi.described import VERSIONED, Described, created
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.errors import Invalid, NameTaken

_LIST = Listing("competitors", COMPETITOR_ROWS)
_SKUS = "competitor-skus"


@post(
    "/",
    opt={
        "access": COMPETITOR_WRITERS,
        "described": Described(
            body=CompetitorDraft,
            body_example=examples.COMPETITOR,
            answer=CompetitorRecord,
            answer_example=examples.COMPETITOR_RECORD,
            message="Competitor created",
            repeatable=True,
            problems=(NameTaken, TooManyCompetitors),
            headers=created("The competitor."),
        ),
    },
)
async def add_competitor(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Create a competitor.

    Its prices come from sources, which are created on their own.
    """
    draft = read_document(await request.body(), CompetitorDraft)
    change = change_of(request)
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        made = await create_competitor(creation.connection, change, draft)
        return creation.created("/api/v1/competitors", made, "Competitor created")


@get("/", opt={"access": COMPETITOR_READERS, "described": _LIST.described(examples.COMPETITOR_RECORD)})
async def list_competitors(request: Request[Any, Any, Any]) -> Response[bytes] | Stream:
    """List competitors.

    Oldest first.
    """
    return await _LIST.answer(request)


@get(
    "/{competitor_id:uuid}",
    opt={
        "access": COMPETITOR_READERS,
        "described": Described(
            answer=CompetitorRecord,
            answer_example=examples.COMPETITOR_RECORD,
            message="Competitor",
            headers=VERSIONED,
        ),
    },
)
async def show_competitor(request: Request[Any, Any, Any], competitor_id: FromPath[UUID]) -> Response[bytes]:
    """Get a competitor."""
    async with parts_of(request)[Database].read() as connection:
        found = await read_competitor(connection, competitor_id)
    return tagged_answer(found, "Competitor", found.id, found.version)


@put(
    "/{competitor_id:uuid}",
    opt={
        "access": COMPETITOR_WRITERS,
        "described": Described(
            body=CompetitorDraft,
            body_example={**examples.COMPETITOR, "is_active": False},
            answer=CompetitorRecord,
            answer_example={**examples.COMPETITOR_RECORD, "is_active": False, "version": 2},
            message="Competitor replaced",
            conditional=True,
            problems=(NameTaken,),
            headers=VERSIONED,
        ),
    },
)
async def edit_competitor(request: Request[Any, Any, Any], competitor_id: FromPath[UUID]) -> Response[bytes]:
    """Replace a competitor.

    With `is_active` false none of its sources is fetched, and none of its prices is used.
    """
    draft = read_document(await request.body(), CompetitorDraft)
    async with parts_of(request)[Database].transaction() as connection:
        written = await replace_competitor(
            connection, change_of(request), competitor_id, draft, precondition_of(request)
        )
    return tagged_answer(written, "Competitor replaced", written.id, written.version)


@get(
    "/{competitor_id:uuid}/skus",
    opt={
        "access": COMPETITOR_READERS,
        "described": Described(answer=SkuMapping, answer_example=examples.SKU_MAPPING, form="list"),
    },
)
async def list_skus(request: Request[Any, Any, Any], competitor_id: FromPath[UUID]) -> Response[bytes]:
    """List a competitor's mapped SKUs.

    By SKU.
    """
    page = read_page(request.scope["query_string"], _SKUS, NoFilters, tuple[str])
    after = None if page.after is None else page.after[0]
    async with parts_of(request)[Database].read() as connection:
        await read_competitor(connection, competitor_id)
        rows = await page_of_skus(connection, competitor_id, after=after, limit=page.limit + 1)
    return page_answer(page, _SKUS, rows, lambda row: (row.their_sku,))


@put(
    "/{competitor_id:uuid}/skus",
    opt={
        "access": COMPETITOR_WRITERS,
        "is_import": True,
        "described": Described(
            body=SkuMap,
            body_example=examples.SKU_MAP,
            answer=SkuMapWritten,
            answer_example=examples.SKU_MAP_WRITTEN,
            message="SKUs mapped",
        ),
    },
)
async def write_sku_map(request: Request[Any, Any, Any], competitor_id: FromPath[UUID]) -> Response[bytes]:
    """Map a competitor's SKUs.

    Up to 10,000 at a time; those that are not named stay as they are. Listings with these SKUs are matched at once, except
    where a person has decided otherwise.
    """
    given = read_document(await request.body(), SkuMap)
    if faults := sku_map_faults(given):
        raise Invalid.because(faults)
    async with parts_of(request)[Database].transaction() as connection:
        written = await map_skus(connection, change_of(request), competitor_id, given)
    return one_answer(written, "SKUs mapped")
