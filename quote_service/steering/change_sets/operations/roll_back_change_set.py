"""Roll a published change set back: what was in force before it is restored, as one new change.

Source: docs/spec/change-sets.md#rolling-back.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.platform.system.preconditions import Precondition
from quote_service.rulebook.feature_flags.operations.hold_flag import hold_all_flags
from quote_service.rulebook.pricing_rules.operations.list_active_rules import list_active_rules
from quote_service.shop.catalog.operations.current_prices import hold_prices
from quote_service.steering.change_sets.model.change_sets import ChangeSet, RollbackResolution, require_status
from quote_service.steering.change_sets.model.contents import AnyChange, Contents, name_of
from quote_service.steering.change_sets.model.errors import ChangeSetConflicts
from quote_service.steering.change_sets.model.plans import price_returns, restoring_plan, taken_rates
from quote_service.steering.change_sets.model.targets import find_conflicts
from quote_service.steering.change_sets.operations.hold_change_set import hold_change_set, record_set_change
from quote_service.steering.change_sets.operations.publish_change_set import move_prices
from quote_service.steering.change_sets.operations.read_targets import targets_of
from quote_service.steering.change_sets.operations.resolve_conflicts import require_decided
from quote_service.steering.change_sets.tables.change_sets import read_change_set, write_state
from quote_service.steering.rulebook_files.operations.read_held import in_force
from quote_service.steering.rulebook_files.operations.write_plan import write_plan


async def roll_back_change_set(
    change: Change,
    set_id: UUID,
    resolutions: Sequence[RollbackResolution],
    precondition: Precondition,
) -> ChangeSet:
    """Restore what a published set changed, within the caller's transaction: all of it or nothing.

    Args:
        change: Its author.
        set_id: Which.
        resolutions: What is to become of what was changed since the set was published.
        precondition: The version that the author has seen.

    Raises:
        NotFound: There is no such set.
        Stale: It has been changed since the author saw it.
        ChangeSetStateForbids: It is not published.
        ChangeSetConflicts: Something was changed since and no resolution says what is to become of it.
        Invalid: A resolution is about what is no conflict, or something cannot be restored.
    """
    held = await hold_change_set(change.connection, set_id, precondition)
    require_status(held, "published")
    named = msgspec.structs.replace(change, change_set_id=held.id)
    await hold_all_flags(change.connection)
    await hold_prices(change.connection, [price.product_id for price in held.prices])
    contents = await _to_restore(change.connection, held, resolutions)
    await _restore(named, held.name, contents)
    at = change.at
    state = msgspec.structs.replace(held, status="rolled_back", rolled_back_by=change.actor, rolled_back_at=at)
    await write_state(change.connection, change, state)
    written = await read_change_set(change.connection, held.id)
    await record_set_change(named, "change_set.roll_back", held.summary, written.summary)
    return written


async def _to_restore(connection: Connection, held: ChangeSet, resolutions: Sequence[RollbackResolution]) -> Contents:
    """The changes that are to be taken back."""
    targets = await targets_of(connection, held.contents)
    conflicts = {each.pointer: each for each in find_conflicts(held.contents, targets, published=True)}
    decided = require_decided(resolutions, conflicts)
    if left := [each for each in conflicts.values() if each.pointer not in decided]:
        raise ChangeSetConflicts(
            "What this change set changed was changed again since; say in resolutions what to keep",
            faults=tuple(Fault(each.pointer, each.detail) for each in left),
        )
    kept: dict[str, AnyChange | None] = {
        pointer: None for pointer, resolution in decided.items() if resolution.keep == "current"
    }
    return held.contents.mapped(kept)


async def _restore(change: Change, name: str, contents: Contents) -> None:
    at = change.at
    names = {name_of(rule) for rule in contents.rules}
    active = [rule for rule in await list_active_rules(change.connection) if rule.name in names] if names else []
    targets = await targets_of(change.connection, contents)
    counted = in_force(active, change.at_us)
    try:
        async with change.connection.transaction():
            await write_plan(change, restoring_plan(contents, targets, counted, at))
    except Invalid as refused:
        recreated = taken_rates(contents, refused.faults)
        if not recreated:
            raise
        await write_plan(change, restoring_plan(contents, targets, counted, at, recreated))
    await move_prices(change, list(price_returns(contents)), f"rollback of change set: {name}")
