"""Change sets as they are reviewed, published and rolled back.

Source: docs/spec/change-sets.md#editions-and-reviews; docs/spec/change-sets.md#publishing; docs/spec/change-sets.md#rolling-back.
"""

from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, post
from litestar.params import FromPath

from quote_service.platform.callers.access import CHANGE_SET_WRITERS
from quote_service.platform.documents.documents import read_document
from quote_service.platform.http.answers import tagged_answer
from quote_service.platform.http.callers import change_of
from quote_service.platform.http.etags import precondition_of
from quote_service.platform.http.openapi.described import VERSIONED, Described
from quote_service.platform.http.parts import parts_of
from quote_service.platform.postgres.pool import Database
from quote_service.platform.settings import Settings
from quote_service.platform.system.errors import VersionConflict
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
    opt={
        "access": CHANGE_SET_WRITERS,
        "described": Described(
            body=ReviewDraft,
            body_example=examples.REVIEW_DRAFT,
            answer=ChangeSet,
            answer_example=examples.REVIEWED,
            message="Change set reviewed",
            problems=(ChangeSetStateForbids, VersionConflict, OwnChangeSet),
            headers=VERSIONED,
        ),
    },
)
async def review_draft_change_set(request: Request[Any, Any, Any], set_id: FromPath[UUID]) -> Response[bytes]:
    """Review a change set.

    Approve one edition of it, or request changes, which keeps that edition from being published. Nobody can approve a change
    set that they have written an edition of. Your last review of an edition counts.
    """
    draft = read_document(await request.body(), ReviewDraft)
    async with parts_of(request)[Database].transaction() as connection:
        reviewed = await review_change_set(connection, change_of(request), set_id, draft)
    return tagged_answer(reviewed, "Change set reviewed", reviewed.id, reviewed.version)


@post(
    "/{set_id:uuid}/publish",
    status_code=200,
    opt={
        "access": CHANGE_SET_WRITERS,
        "described": Described(
            body=Publication,
            body_is_required=False,
            body_example=examples.PUBLICATION,
            answer=ChangeSet,
            answer_example=examples.SCHEDULED,
            message="Change set scheduled",
            conditional=True,
            problems=(ChangeSetStateForbids, ChangeSetConflicts, ApprovalRequired),
            headers=VERSIONED,
        ),
    },
)
async def publish_draft_change_set(request: Request[Any, Any, Any], set_id: FromPath[UUID]) -> Response[bytes]:
    """Publish a change set.

    All of it or nothing: now, or at `publish_at`. If anything that it changes was changed since, the request fails with a
    conflict that points at each change. Where approval is required, somebody else has to have approved this edition. What a
    scheduled set changes is looked at again at its instant; if it cannot be published then, its status is `failed`.
    """
    body = await request.body()
    wanted = read_document(body, Publication) if body else Publication()
    parts, change, precondition = parts_of(request), change_of(request), precondition_of(request)
    needs_approval = parts[Settings].change_set_approval == "on"
    async with parts[Database].transaction() as connection:
        if wanted.publish_at is None:
            done = await publish_change_set(connection, change, set_id, precondition, needs_approval=needs_approval)
        else:
            done = await schedule_change_set(
                connection, change, set_id, wanted.publish_at, precondition, needs_approval=needs_approval
            )
    message = "Change set published" if wanted.publish_at is None else "Change set scheduled"
    return tagged_answer(done, message, done.id, done.version)


@delete(
    "/{set_id:uuid}/publish",
    status_code=200,
    opt={
        "access": CHANGE_SET_WRITERS,
        "described": Described(
            answer=ChangeSet,
            answer_example={**examples.CHANGE_SET, "version": 3},
            message="Publication cancelled",
            conditional=True,
            problems=(ChangeSetStateForbids,),
            headers=VERSIONED,
        ),
    },
)
async def cancel_change_set_publication(request: Request[Any, Any, Any], set_id: FromPath[UUID]) -> Response[bytes]:
    """Cancel the publication of a change set.

    Only while it is scheduled. It is a draft again, and reviews of its edition still count.
    """
    async with parts_of(request)[Database].transaction() as connection:
        done = await cancel_publication(connection, change_of(request), set_id, precondition_of(request))
    return tagged_answer(done, "Publication cancelled", done.id, done.version)


@post(
    "/{set_id:uuid}/rollback",
    status_code=200,
    opt={
        "access": CHANGE_SET_WRITERS,
        "described": Described(
            body=Rollback,
            body_is_required=False,
            body_example=examples.ROLLBACK,
            answer=ChangeSet,
            answer_example=examples.ROLLED_BACK,
            message="Change set rolled back",
            conditional=True,
            problems=(ChangeSetStateForbids, ChangeSetConflicts),
            headers=VERSIONED,
        ),
    },
)
async def roll_back_published_change_set(request: Request[Any, Any, Any], set_id: FromPath[UUID]) -> Response[bytes]:
    """Roll back a change set.

    Restores what was in force before it was published, all of it or nothing, from now on. Rules get a next version with their
    old content, flags that the set created are archived, rates that it created end. If anything that it changed was changed
    again since, the request fails with a conflict unless `resolutions` says what to keep.
    """
    body = await request.body()
    wanted = read_document(body, Rollback) if body else Rollback()
    async with parts_of(request)[Database].transaction() as connection:
        done = await roll_back_change_set(
            connection, change_of(request), set_id, wanted.resolutions, precondition_of(request)
        )
    return tagged_answer(done, "Change set rolled back", done.id, done.version)
