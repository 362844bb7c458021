"""Publish a change set: all of it or nothing, in the transaction of its caller.

The set is locked first, then the rulebook, then the products, as everybody takes them. What the changes are about is read under
these locks and held against what their author saw, so nothing that was changed meanwhile is overwritten unseen.

Source: docs/spec/change-sets.md#publishing.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Fault, Invalid, faults_of_rows
from quote_service.platform.system.periods import LATEST
from quote_service.platform.system.preconditions import Precondition
from quote_service.rulebook.feature_flags.operations.hold_flag import hold_all_flags
from quote_service.shop.catalog.operations.change_price import change_prices
from quote_service.shop.catalog.operations.current_prices import hold_prices
from quote_service.steering.change_sets.model.change_sets import OPEN, ChangeSet, require_status
from quote_service.steering.change_sets.model.contents import AnyChange, Contents, Key, RateChange
from quote_service.steering.change_sets.model.errors import ChangeSetConflicts
from quote_service.steering.change_sets.model.plans import PriceMove, price_moves, publishing_plan
from quote_service.steering.change_sets.model.targets import Target, find_conflicts
from quote_service.steering.change_sets.operations.hold_change_set import hold_change_set, record_set_change
from quote_service.steering.change_sets.operations.read_targets import targets_of
from quote_service.steering.change_sets.operations.review_change_set import require_approval
from quote_service.steering.change_sets.tables.change_sets import read_change_set, write_state
from quote_service.steering.rulebook_files.operations.write_plan import write_plan


async def publish_change_set(
    change: Change, set_id: UUID, precondition: Precondition, *, needs_approval: bool
) -> ChangeSet:
    """Publish a draft now.

    Args:
        change: Its author.
        set_id: Which.
        precondition: The version that the author has seen.
        needs_approval: Whether somebody else has to have approved the edition.

    Raises:
        NotFound: There is no such set.
        Stale: It has been changed since the author saw it.
        ChangeSetStateForbids: It is no draft.
        ApprovalRequired: It was not approved, or a reviewer wants it changed.
        ChangeSetConflicts: What it changes was changed since; with a pointer to each change.
        Invalid: Something cannot be written; pointers are those of the set.
    """
    held = await hold_change_set(change.connection, set_id, precondition)
    require_status(held, *OPEN)
    return await publish_held(change, held, published_by=change.actor, needs_approval=needs_approval)


async def publish_held(change: Change, held: ChangeSet, *, published_by: str, needs_approval: bool) -> ChangeSet:
    """Publish a set that is held; as `publish_change_set`."""
    await require_approval(change.connection, held, is_required=needs_approval)
    named = msgspec.structs.replace(change, change_set_id=held.id)
    contents = await write_contents(named, held)
    at = change.at
    state = _with_contents(held, contents)
    state = msgspec.structs.replace(state, status="published", published_by=published_by, published_at=at, failure=None)
    await write_state(change.connection, change, state)
    written = await read_change_set(change.connection, held.id)
    await record_set_change(named, "change_set.publish", held.summary, written.summary)
    return written


async def schedule_change_set(
    change: Change,
    set_id: UUID,
    publish_at: datetime,
    precondition: Precondition,
    *,
    needs_approval: bool,
) -> ChangeSet:
    """Have a draft published at an instant to come; what can be refused already is.

    Raises:
        NotFound, Stale, ChangeSetStateForbids, ApprovalRequired, ChangeSetConflicts: As `publish_change_set`.
        Invalid: The instant has passed, or never comes.
    """
    held = await hold_change_set(change.connection, set_id, precondition)
    require_status(held, *OPEN)
    if publish_at <= change.at:
        raise Invalid.at("/publish_at", "must be in the future")
    if publish_at > LATEST:
        raise Invalid.at("/publish_at", f"must not be after {LATEST.date()}")
    await require_approval(change.connection, held, is_required=needs_approval)
    await require_no_conflicts(change.connection, held.contents)
    state = msgspec.structs.replace(
        held, status="scheduled", publish_at=publish_at, published_by=change.actor, failure=None
    )
    return await write_and_record(change, held, state, "change_set.schedule")


async def cancel_publication(change: Change, set_id: UUID, precondition: Precondition) -> ChangeSet:
    """Make a scheduled set a draft again.

    Raises:
        NotFound, Stale: As `publish_change_set`.
        ChangeSetStateForbids: It is not scheduled.
    """
    held = await hold_change_set(change.connection, set_id, precondition)
    require_status(held, "scheduled")
    state = msgspec.structs.replace(held, status="draft", publish_at=None, published_by=None)
    return await write_and_record(change, held, state, "change_set.unschedule")


async def write_and_record(change: Change, held: ChangeSet, state: ChangeSet, action: str) -> ChangeSet:
    """Write what has become of a held set, with its audit row."""
    await write_state(change.connection, change, state)
    written = await read_change_set(change.connection, held.id)
    await record_set_change(change, action, held.summary, written.summary)
    return written


async def require_no_conflicts(connection: Connection, contents: Contents) -> dict[Key, Target]:
    """What a set's changes are about, none of which was changed since it was written.

    Raises:
        ChangeSetConflicts: With a pointer to each change.
    """
    targets = await targets_of(connection, contents)
    conflicts = list(find_conflicts(contents, targets, published=False))
    if conflicts:
        raise ChangeSetConflicts(
            "What this change set changes was changed since; read its conflicts and resolve them",
            faults=tuple(Fault(each.pointer, each.detail) for each in conflicts),
        )
    return targets


async def write_contents(change: Change, held: ChangeSet) -> Contents:
    """Write what a held set changes.

    Returns:
        The changes with the state that each object has now, and the ids of rates that were created.

    Raises:
        ChangeSetConflicts, Invalid: As `publish_change_set`.
    """
    contents = held.contents
    await hold_all_flags(change.connection)
    await hold_prices(change.connection, [price.product_id for price in contents.prices])
    targets = await require_no_conflicts(change.connection, contents)
    rate_ids = await write_plan(change, publishing_plan(contents, targets, change.at))
    await move_prices(change, list(price_moves(contents)), f"change set: {held.name}")
    written = _with_ids(contents, rate_ids)
    after = await targets_of(change.connection, written)
    marked: dict[str, AnyChange | None] = {
        entry.pointer: msgspec.structs.replace(entry.change, published=after[entry.key].state)
        for entry in written.entries()
    }
    return written.mapped(marked)


async def move_prices(change: Change, moves: Sequence[PriceMove], note: str) -> None:
    """Move prices of products that are held, for the reason in `note`; what refuses one points at its change.

    Raises:
        Invalid: Prices are past a bound, or there are no such prices any more.
    """
    try:
        await change_prices(
            Change.within(change.connection, change), [(move.product_id, move.draft) for move in moves], note
        )
    except Invalid as refused:
        raise Invalid.because(faults_of_rows(refused.faults, [move.pointer for move in moves])) from None


def _with_ids(contents: Contents, rate_ids: list[UUID]) -> Contents:
    ids = iter(rate_ids)
    changes: dict[str, AnyChange | None] = {
        entry.pointer: msgspec.structs.replace(entry.change, rate_id=next(ids))
        for entry in contents.entries()
        if isinstance(entry.change, RateChange) and entry.change.draft is not None
    }
    return contents.mapped(changes)


def _with_contents(held: ChangeSet, contents: Contents) -> ChangeSet:
    return msgspec.structs.replace(
        held, rules=contents.rules, rates=contents.rates, flags=contents.flags, prices=contents.prices
    )
