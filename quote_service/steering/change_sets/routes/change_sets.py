"""Change sets as they are drafted and looked at: `/api/v1/change-sets`.

Source: docs/spec/change-sets.md#contents; docs/spec/wire.md#concurrent-changes-and-repeats.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.params import FromPath

from quote_service.platform.callers.access import CHANGE_SET_READERS, CHANGE_SET_WRITERS
from quote_service.platform.documents.documents import read_document
from quote_service.platform.documents.exact_json import parse_json
from quote_service.platform.documents.shown_members import written_members
from quote_service.platform.http.answers import page_answer, tagged_answer
from quote_service.platform.http.callers import change_of
from quote_service.platform.http.cursors import read_page
from quote_service.platform.http.etags import precondition_of
from quote_service.platform.http.idempotency.idempotency import creating
from quote_service.platform.http.openapi.described import VERSIONED, Described, created
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.changes import Change
from quote_service.platform.system.instants import from_micros
from quote_service.platform.system.new_ids import new_id
from quote_service.steering.change_sets.model.change_sets import (
    ChangeSet,
    ChangeSetDetail,
    ChangeSetSummary,
    Resolutions,
    Status,
)
from quote_service.steering.change_sets.model.contents import ChangeSetDraft
from quote_service.steering.change_sets.model.errors import ChangeSetConflicts, ChangeSetStateForbids
from quote_service.steering.change_sets.operations.read_change_set import read_detail
from quote_service.steering.change_sets.operations.read_draft import read_draft
from quote_service.steering.change_sets.operations.resolve_conflicts import resolve_conflicts
from quote_service.steering.change_sets.operations.write_change_set import (
    create_change_set,
    discard_change_set,
    replace_change_set,
)
from quote_service.steering.change_sets.routes import examples
from quote_service.steering.change_sets.tables.change_sets import page_of_change_sets

_SETS = "change-sets"


class ChangeSetFilters(msgspec.Struct, frozen=True):
    """Which change sets to list."""

    status: Status | None = None
    """Only change sets of this status, such as `draft`."""


@post(
    "/",
    opt={
        "access": CHANGE_SET_WRITERS,
        "described": Described(
            body=ChangeSetDraft,
            body_example=examples.DRAFT,
            answer=ChangeSet,
            answer_example=examples.CHANGE_SET,
            message="Change set created",
            repeatable=True,
            headers=created("The change set."),
        ),
    },
)
async def create_draft_change_set(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Create a change set.

    A draft of changes of pricing rules, commission rates, feature flags and prices, which take effect together when it is
    published. What is in force now is noted with each change: if it changes before the set is published, the set has a conflict.
    """
    change = change_of(request)
    draft = _read_draft(request, parse_json(await request.body()), change)
    async with creating(request) as creation:
        if creation.replay is not None:
            return creation.replay
        set_id = UUID(new_id(change.at_us // 1000))
        made = await create_change_set(creation.connection, change, set_id, draft)
        return creation.created("/api/v1/change-sets", made, "Change set created")


@get(
    "/",
    opt={
        "access": CHANGE_SET_READERS,
        "described": Described(
            answer=ChangeSetSummary, answer_example=examples.SUMMARY, form="list", query=ChangeSetFilters
        ),
    },
)
async def list_change_sets(request: Request[Any, Any, Any]) -> Response[bytes]:
    """List change sets.

    Newest first, without their changes.
    """
    page = read_page(request.scope["query_string"], _SETS, ChangeSetFilters, tuple[UUID])
    before = None if page.after is None else page.after[0]
    async with parts_of(request)[Database].read() as connection:
        rows = await page_of_change_sets(connection, status=page.filters.status, before=before, limit=page.limit + 1)
    return page_answer(page, _SETS, rows, lambda row: (row.id,))


@get(
    "/{set_id:uuid}",
    opt={
        "access": CHANGE_SET_READERS,
        "described": Described(
            answer=ChangeSetDetail, answer_example=examples.DETAIL, message="Change set", headers=VERSIONED
        ),
    },
)
async def show_change_set(request: Request[Any, Any, Any], set_id: FromPath[UUID]) -> Response[bytes]:
    """Get a change set.

    `conflicts` lists what was changed underneath: of a draft since its changes were written, of a published set since it was
    published.
    """
    async with parts_of(request)[Database].snapshot() as connection:
        detail = await read_detail(connection, set_id)
    return tagged_answer(detail, "Change set", detail.id, detail.version)


@put(
    "/{set_id:uuid}",
    opt={
        "access": CHANGE_SET_WRITERS,
        "described": Described(
            body=ChangeSetDraft,
            body_example=examples.DRAFT,
            answer=ChangeSet,
            answer_example={**examples.CHANGE_SET, "edition": 2, "version": 2},
            message="Change set replaced",
            conditional=True,
            problems=(ChangeSetStateForbids,),
            headers=VERSIONED,
        ),
    },
)
async def replace_draft_change_set(request: Request[Any, Any, Any], set_id: FromPath[UUID]) -> Response[bytes]:
    """Replace a change set.

    Only while it is a draft. The next edition needs reviews of its own. A change that was in the edition before keeps what was
    noted then, so conflicts stay until you resolve them. What `GET` shows can be sent back: fields that cannot be written are passed over.
    """
    change = change_of(request)
    sent = written_members(await request.body(), ChangeSetDraft, ChangeSetDetail, set_id)
    draft = _read_draft(request, sent, change)
    async with parts_of(request)[Database].transaction() as connection:
        written = await replace_change_set(connection, change, set_id, draft, precondition_of(request))
    return tagged_answer(written, "Change set replaced", written.id, written.version)


@post(
    "/{set_id:uuid}/resolve",
    status_code=200,
    opt={
        "access": CHANGE_SET_WRITERS,
        "described": Described(
            body=Resolutions,
            body_example=examples.RESOLUTIONS,
            answer=ChangeSet,
            answer_example={**examples.CHANGE_SET, "edition": 2, "version": 2},
            message="Conflicts resolved",
            conditional=True,
            problems=(ChangeSetStateForbids, ChangeSetConflicts),
            headers=VERSIONED,
        ),
    },
)
async def resolve_change_set_conflicts(request: Request[Any, Any, Any], set_id: FromPath[UUID]) -> Response[bytes]:
    """Resolve conflicts of a change set.

    Either the change stays and replaces what is in force now, or it is taken out of the set. Makes the next edition.
    """
    wanted = read_document(await request.body(), Resolutions)
    async with parts_of(request)[Database].transaction() as connection:
        written = await resolve_conflicts(
            connection, change_of(request), set_id, wanted.resolutions, precondition_of(request)
        )
    return tagged_answer(written, "Conflicts resolved", written.id, written.version)


@delete(
    "/{set_id:uuid}",
    status_code=204,
    opt={
        "access": CHANGE_SET_WRITERS,
        "described": Described(form="nothing", conditional=True, problems=(ChangeSetStateForbids,)),
    },
)
async def discard_draft_change_set(request: Request[Any, Any, Any], set_id: FromPath[UUID]) -> Response[None]:
    """Discard a change set.

    Only while it is a draft. It stays listed with the status `discarded`.
    """
    async with parts_of(request)[Database].transaction() as connection:
        await discard_change_set(connection, change_of(request), set_id, precondition_of(request))
    return Response(None, status_code=204)


def _read_draft(request: Request[Any, Any, Any], document: Any, change: Change) -> ChangeSetDraft:
    default_currency = parts_of(request)[Settings].default_currency or None
    return read_draft(document, from_micros(change.at_us), default_currency)
