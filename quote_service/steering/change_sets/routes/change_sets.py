"""Change sets as they are drafted and looked at: `/api/v1/change-sets`.

Source: docs/spec/change-sets.md#contents; docs/spec/wire.md#concurrent-changes-and-repeats.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar.params import FromPath

from quote_service.platform.callers.access import CHANGE_SET_READERS, CHANGE_SET_WRITERS
from quote_service.platform.documents.exact_json import parse_json
from quote_service.platform.documents.shown_members import written_members
from quote_service.platform.http.endpoints.connections import (
    CreatingChange,
    Snapshot,
    WritingChange,
)
from quote_service.platform.http.endpoints.endpoint import delete, get, post, put
from quote_service.platform.http.endpoints.results import Location, Tagged
from quote_service.platform.http.lists.listing import ListAnswer, Listing, ListRequest
from quote_service.platform.http.parts import AnyRequest
from quote_service.platform.settings import Settings
from quote_service.platform.system.changes import Author
from quote_service.platform.system.new_ids import new_id
from quote_service.platform.system.preconditions import Precondition
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
from quote_service.steering.change_sets.tables.change_sets import CHANGE_SET_ROWS, with_reviews


class ChangeSetFilters(msgspec.Struct, frozen=True):
    """Which change sets to list."""

    status: Status | None = None
    """Only change sets of this status, such as `draft`."""


def _read_draft(document: Any, change: Author, settings: Settings) -> ChangeSetDraft:
    return read_draft(document, change.at, settings.default_currency or None)


async def _draft(request: AnyRequest, change: Author, settings: Settings) -> ChangeSetDraft:
    return _read_draft(parse_json(await request.body()), change, settings)


async def _replacement(
    request: AnyRequest, change: Author, settings: Settings, set_id: FromPath[UUID]
) -> ChangeSetDraft:
    sent = written_members(await request.body(), ChangeSetDraft, ChangeSetDetail, set_id)
    return _read_draft(sent, change, settings)


@post(
    access=CHANGE_SET_WRITERS,
    message="Change set created",
    location=Location("/api/v1/change-sets/{id}", "The change set."),
    body=ChangeSetDraft,
    dependencies={"draft": _draft},
)
async def create_draft_change_set(change: CreatingChange, draft: ChangeSetDraft) -> Tagged[ChangeSet]:
    """Create a change set.

    A draft of changes of pricing rules, commission rates, feature flags and prices, which take effect together when it is
    published. What is in force now is noted with each change: if it changes before the set is published, the set has a conflict.
    """
    set_id = UUID(new_id(change.at_us // 1000))
    return await create_change_set(change, set_id, draft)


@get(
    access=CHANGE_SET_READERS,
    listing=Listing("change-sets", CHANGE_SET_ROWS, ChangeSetFilters, complete=with_reviews),
)
async def list_change_sets(rows: ListRequest[ChangeSetSummary]) -> ListAnswer:
    """List change sets.

    Newest first, without their changes.
    """
    return await rows.answer()


@get("/{set_id:uuid}", access=CHANGE_SET_READERS, message="Change set")
async def show_change_set(connection: Snapshot, set_id: FromPath[UUID]) -> Tagged[ChangeSetDetail]:
    """Get a change set.

    `conflicts` lists what was changed underneath: of a draft since its changes were written, of a published set since it was
    published.
    """
    return await read_detail(connection, set_id)


@put(
    "/{set_id:uuid}",
    access=CHANGE_SET_WRITERS,
    example={**examples.CHANGE_SET, "edition": 2, "version": 2},
    message="Change set replaced",
    body=ChangeSetDraft,
    dependencies={"draft": _replacement},
    problems=(ChangeSetStateForbids,),
)
async def replace_draft_change_set(
    change: WritingChange, set_id: FromPath[UUID], draft: ChangeSetDraft, precondition: Precondition
) -> Tagged[ChangeSet]:
    """Replace a change set.

    Only while it is a draft. The next edition needs reviews of its own. A change that was in the edition before keeps what was
    noted then, so conflicts stay until you resolve them. What `GET` shows can be sent back: fields that cannot be written are passed over.
    """
    return await replace_change_set(change, set_id, draft, precondition)


@post(
    "/{set_id:uuid}/resolve",
    status_code=200,
    access=CHANGE_SET_WRITERS,
    example={**examples.CHANGE_SET, "edition": 2, "version": 2},
    message="Conflicts resolved",
    problems=(ChangeSetStateForbids, ChangeSetConflicts),
)
async def resolve_change_set_conflicts(
    change: WritingChange, set_id: FromPath[UUID], data: Resolutions, precondition: Precondition
) -> Tagged[ChangeSet]:
    """Resolve conflicts of a change set.

    Either the change stays and replaces what is in force now, or it is taken out of the set. Makes the next edition.
    """
    return await resolve_conflicts(change, set_id, data.resolutions, precondition)


@delete("/{set_id:uuid}", access=CHANGE_SET_WRITERS, problems=(ChangeSetStateForbids,))
async def discard_draft_change_set(change: WritingChange, set_id: FromPath[UUID], precondition: Precondition) -> None:
    """Discard a change set.

    Only while it is a draft. It stays listed with the status `discarded`.
    """
    await discard_change_set(change, set_id, precondition)
