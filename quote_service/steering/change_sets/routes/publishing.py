"""Change sets as they are reviewed, published and rolled back.

Source: docs/spec/change-sets.md#editions-and-reviews; docs/spec/change-sets.md#publishing; docs/spec/change-sets.md#rolling-back.
"""

from uuid import UUID

from litestar.params import FromPath

from quote_service.platform.callers.access import CHANGE_SET_WRITERS
from quote_service.platform.http.endpoints.connections import WritingChange
from quote_service.platform.http.endpoints.endpoint import delete, post
from quote_service.platform.http.endpoints.parameters import OptionalBody
from quote_service.platform.http.endpoints.results import Answer, Tagged
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import VersionConflict
from quote_service.platform.system.preconditions import Precondition
from quote_service.steering.change_sets.model.change_sets import ChangeSet, Publication, ReviewDraft, Rollback
from quote_service.steering.change_sets.model.errors import (
    ApprovalRequired,
    ChangeSetConflicts,
    ChangeSetStateForbids,
    OwnChangeSet,
)
from quote_service.steering.change_sets.operations.publish_change_set import (
    cancel_publication,
    publish_change_set,
    schedule_change_set,
)
from quote_service.steering.change_sets.operations.review_change_set import review_change_set
from quote_service.steering.change_sets.operations.roll_back_change_set import roll_back_change_set
from quote_service.steering.change_sets.routes import examples


@post(
    "/{set_id:uuid}/reviews",
    status_code=200,
    access=CHANGE_SET_WRITERS,
    example=examples.REVIEWED,
    message="Change set reviewed",
    problems=(ChangeSetStateForbids, VersionConflict, OwnChangeSet),
)
async def review_draft_change_set(
    change: WritingChange, set_id: FromPath[UUID], data: ReviewDraft
) -> Tagged[ChangeSet]:
    """Review a change set.

    Approve one edition of it, or request changes, which keeps that edition from being published. Nobody can approve a change
    set that they have written an edition of. Your last review of an edition counts.
    """
    return await review_change_set(change, set_id, data)


@post(
    "/{set_id:uuid}/publish",
    status_code=200,
    access=CHANGE_SET_WRITERS,
    example=examples.SCHEDULED,
    message="Change set scheduled",
    problems=(ChangeSetStateForbids, ChangeSetConflicts, ApprovalRequired),
)
async def publish_draft_change_set(
    change: WritingChange,
    settings: Settings,
    set_id: FromPath[UUID],
    data: OptionalBody[Publication],
    precondition: Precondition,
) -> Tagged[Answer[ChangeSet]]:
    """Publish a change set.

    All of it or nothing: now, or at `publish_at`. If anything that it changes was changed since, the request fails with a
    conflict that points at each change. Where approval is required, somebody else has to have approved this edition. What a
    scheduled set changes is looked at again at its instant; if it cannot be published then, its status is `failed`.
    """
    needs_approval = settings.change_set_approval == "on"
    if data.publish_at is None:
        done = await publish_change_set(change, set_id, precondition, needs_approval=needs_approval)
        return Answer(done, "Change set published")
    return Answer(
        await schedule_change_set(change, set_id, data.publish_at, precondition, needs_approval=needs_approval)
    )


@delete(
    "/{set_id:uuid}/publish",
    status_code=200,
    access=CHANGE_SET_WRITERS,
    example={**examples.CHANGE_SET, "version": 3},
    message="Publication cancelled",
    problems=(ChangeSetStateForbids,),
)
async def cancel_change_set_publication(
    change: WritingChange, set_id: FromPath[UUID], precondition: Precondition
) -> Tagged[ChangeSet]:
    """Cancel the publication of a change set.

    Only while it is scheduled. It is a draft again, and reviews of its edition still count.
    """
    return await cancel_publication(change, set_id, precondition)


@post(
    "/{set_id:uuid}/rollback",
    status_code=200,
    access=CHANGE_SET_WRITERS,
    example=examples.ROLLED_BACK,
    message="Change set rolled back",
    problems=(ChangeSetStateForbids, ChangeSetConflicts),
)
async def roll_back_published_change_set(
    change: WritingChange,
    set_id: FromPath[UUID],
    data: OptionalBody[Rollback],
    precondition: Precondition,
) -> Tagged[ChangeSet]:
    """Roll back a change set.

    Restores what was in force before it was published, all of it or nothing, from now on. Rules get a next version with their
    old content, flags that the set created are archived, rates that it created end. If anything that it changed was changed
    again since, the request fails with a conflict unless `resolutions` says what to keep.
    """
    return await roll_back_change_set(change, set_id, data.resolutions, precondition)
