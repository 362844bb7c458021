"""Sources of competitors' prices: `/api/v1/sources`.

Source: docs/spec/competitors.md#competitors-and-sources.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.params import FromPath
from litestar.response import Stream

from quote_service.intelligence.competitors.model.check_source import source_faults
from quote_service.intelligence.competitors.model.outcomes import Outcome
from quote_service.intelligence.competitors.model.sources import SourceDraft, SourceKind, SourceRecord, TooManySources
from quote_service.intelligence.competitors.operations.credentials_seal import CredentialsSeal
from quote_service.intelligence.competitors.operations.require_competitor import require_competitor
from quote_service.intelligence.competitors.operations.write_source import create_source, delete_source, replace_source
from quote_service.intelligence.competitors.routes import examples
from quote_service.intelligence.competitors.tables.sources import SOURCE_ROWS, read_source
from quote_service.platform.callers.access import COMPETITOR_READERS, COMPETITOR_WRITERS
from quote_service.platform.documents.documents import read_document
from quote_service.platform.http.answers import tagged_answer
from quote_service.platform.http.callers import change_of
from quote_service.platform.http.checked_filters import check_named
from quote_service.platform.http.etags import precondition_of
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.lists.listing import Listing
from quote_service.platform.http.openapi.described import VERSIONED, Described, created
from quote_service.platform.http.parts import parts_of
from quote_service.platform.outbound.addresses import Networks
from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import Invalid
from quote_service.platform.system.parts import Parts


class SourceFilters(msgspec.Struct, frozen=True):
    """Which sources to list."""

    competitor_id: UUID | None = None
    """Only sources of this competitor."""
    kind: SourceKind | None = None
    """Only sources of this kind, such as `feed`."""
    outcome: Outcome | None = None
    """Only sources whose last fetch ended so, such as `blocked`."""
    is_stale: bool | None = None
    """Only sources that are stale, or that are not."""


_LIST = Listing("sources", SOURCE_ROWS, SourceFilters)


@post(
    "/",
    opt={
        "access": COMPETITOR_WRITERS,
        "is_import": True,
        "described": Described(
            body=SourceDraft,
            body_example=examples.SOURCE,
            answer=SourceRecord,
            answer_example=examples.SOURCE_RECORD,
            message="Source created",
            repeatable=True,
            problems=(TooManySources,),
            headers=created("The source."),
        ),
    },
)
async def add_source(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Create a source.

    It is fetched as soon as the pace of its host allows, and then every `interval_seconds`. Its URL must lead to a public
    address. `credentials` are kept sealed and never shown.
    """
    draft = _read_draft(await request.body(), parts_of(request))
    change = change_of(request)
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        made = await create_source(creation.connection, change, draft, _seal(parts_of(request)))
        return creation.created("/api/v1/sources", made, "Source created")


@get("/", opt={"access": COMPETITOR_READERS, "described": _LIST.described(examples.SOURCE_RECORD)})
async def list_sources(request: Request[Any, Any, Any]) -> Response[bytes] | Stream:
    """List sources.

    Oldest first. With `is_stale=true`, those whose prices decide nothing; with `outcome=blocked`, those that are refused.
    """
    return await _LIST.answer(request, check_empty=_check_named)


async def _check_named(connection: Connection, asked: SourceFilters) -> None:
    await check_named(connection, competitor_id=(require_competitor, asked.competitor_id))


@get(
    "/{source_id:uuid}",
    opt={
        "access": COMPETITOR_READERS,
        "described": Described(
            answer=SourceRecord, answer_example=examples.SOURCE_RECORD, message="Source", headers=VERSIONED
        ),
    },
)
async def show_source(request: Request[Any, Any, Any], source_id: FromPath[UUID]) -> Response[bytes]:
    """Get a source.

    With how its last fetch ended, when the next one is, and whether its prices are stale.
    """
    async with parts_of(request)[Database].read() as connection:
        found = await read_source(connection, source_id)
    return tagged_answer(found, "Source", found.id, found.version)


@put(
    "/{source_id:uuid}",
    opt={
        "access": COMPETITOR_WRITERS,
        "is_import": True,
        "described": Described(
            body=SourceDraft,
            body_example={**examples.SOURCE, "interval_seconds": 7200},
            answer=SourceRecord,
            answer_example={
                **examples.SOURCE_RECORD,
                "interval_seconds": 7200,
                "stale_after_seconds": 21_600,
                "version": 2,
            },
            message="Source replaced",
            conditional=True,
            headers=VERSIONED,
        ),
    },
)
async def edit_source(request: Request[Any, Any, Any], source_id: FromPath[UUID]) -> Response[bytes]:
    """Replace a source.

    Its kind and competitor stay. A source that was disabled by a challenge page, or because its page is gone, is enabled
    again with `is_enabled`. It is fetched again at once.
    """
    draft = _read_draft(await request.body(), parts_of(request))
    async with parts_of(request)[Database].transaction() as connection:
        written = await replace_source(
            connection, change_of(request), source_id, draft, _seal(parts_of(request)), precondition_of(request)
        )
    return tagged_answer(written, "Source replaced", written.id, written.version)


@delete(
    "/{source_id:uuid}",
    status_code=204,
    opt={"access": COMPETITOR_WRITERS, "described": Described(form="nothing", conditional=True)},
)
async def remove_source(request: Request[Any, Any, Any], source_id: FromPath[UUID]) -> Response[None]:
    """Delete a source.

    With its listings and what they offer. To keep them and fetch no more, disable it instead.
    """
    async with parts_of(request)[Database].transaction() as connection:
        await delete_source(connection, change_of(request), source_id, precondition_of(request))
    return Response(None, status_code=204)


def _read_draft(body: bytes, parts: Parts) -> SourceDraft:
    draft = read_document(body, SourceDraft)
    if faults := source_faults(draft, Networks(parts[Settings].outbound_networks)):
        raise Invalid.because(faults)
    return draft


def _seal(parts: Parts) -> CredentialsSeal:
    return CredentialsSeal(parts[Settings].jwt_keys)
