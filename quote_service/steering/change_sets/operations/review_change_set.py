"""Somebody reviews an edition of a change set; and whether that is enough for it to be published.

Source: docs/spec/change-sets.md#editions-and-reviews.
"""

from uuid import UUID

from quote_service.identity.operations.people.who_still_may import who_still_may
from quote_service.platform.callers.access import CHANGE_SET_WRITERS
from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import VersionConflict
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.steering.change_sets.model.change_sets import OPEN, ChangeSet, Review, ReviewDraft, require_status
from quote_service.steering.change_sets.model.errors import ApprovalRequired, OwnChangeSet
from quote_service.steering.change_sets.operations.hold_change_set import hold_change_set, record_set_change
from quote_service.steering.change_sets.tables.change_sets import read_change_set, write_review


async def review_change_set(change: Change, set_id: UUID, draft: ReviewDraft) -> ChangeSet:
    """Write what somebody says of an edition, within the caller's transaction; their last word on it counts.

    Raises:
        NotFound: There is no such set.
        ChangeSetStateForbids: It is neither a draft nor scheduled.
        VersionConflict: There is a newer edition than the one that was reviewed.
        OwnChangeSet: An author approves.
    """
    held = await hold_change_set(change.connection, set_id, UNCONDITIONAL)
    require_status(held, *OPEN, "scheduled")
    if draft.edition != held.edition:
        raise VersionConflict(f"Edition {held.edition} is the current one; review that")
    if draft.decision == "approve" and change.actor in held.authors:
        raise OwnChangeSet("You have written an edition of this change set; somebody else has to approve it")
    review = Review(
        edition=draft.edition,
        reviewer=change.actor,
        decision=draft.decision,
        note=draft.note,
        reviewed_at=change.at,
    )
    await write_review(change.connection, set_id, review)
    reviewed = await read_change_set(change.connection, set_id)
    action = "change_set.approve" if draft.decision == "approve" else "change_set.request_changes"
    await record_set_change(change, action, held.summary, reviewed.summary)
    return reviewed


async def require_approval(connection: Connection, held: ChangeSet, *, is_required: bool) -> None:
    """Refuse to publish an edition that somebody wants changed, or that nobody else has approved where that is asked for.

    An approval counts while whoever gave it may still review.

    Raises:
        ApprovalRequired: It is so.
    """
    of_this = [review for review in held.reviews if review.edition == held.edition]
    if any(review.decision == "request_changes" for review in of_this):
        raise ApprovalRequired("A reviewer has requested changes of this edition")
    if not is_required:
        return
    if not of_this:
        raise ApprovalRequired("Somebody who has written none of its editions has to approve this change set first")
    if not await who_still_may(connection, {review.reviewer for review in of_this}, CHANGE_SET_WRITERS):
        raise ApprovalRequired(
            "Nobody who has approved this edition may review any more; somebody else has to approve it"
        )
