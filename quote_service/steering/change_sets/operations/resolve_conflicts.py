"""Decide about what was changed underneath a draft: the change stays and replaces that, or goes.

Source: docs/spec/change-sets.md#conflicts.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar
from uuid import UUID

import msgspec

from quote_service.platform.postgres.change import Change
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.platform.system.preconditions import Precondition
from quote_service.steering.change_sets.model.change_sets import (
    OPEN,
    ChangeConflict,
    ChangeSet,
    Resolution,
    RollbackResolution,
    require_status,
)
from quote_service.steering.change_sets.model.contents import AnyChange, FlagChange, RuleChange
from quote_service.steering.change_sets.model.errors import ChangeSetConflicts
from quote_service.steering.change_sets.model.targets import Target, find_conflicts
from quote_service.steering.change_sets.operations.hold_change_set import hold_change_set
from quote_service.steering.change_sets.operations.read_targets import targets_of
from quote_service.steering.change_sets.operations.write_change_set import misfits, next_edition, note_change

Decided = TypeVar("Decided", Resolution, RollbackResolution)


async def resolve_conflicts(
    change: Change, set_id: UUID, resolutions: Sequence[Resolution], precondition: Precondition
) -> ChangeSet:
    """Write the next edition of a draft, in which some conflicts are resolved; others stay.

    Raises:
        NotFound: There is no such set.
        Stale: It has been changed since the caller saw it.
        ChangeSetStateForbids: It is no draft.
        Invalid: A resolution is about what is no conflict, or a change cannot be done with what there is now.
        ChangeSetConflicts: An object was changed once more since the caller looked.
    """
    held = await hold_change_set(change.connection, set_id, precondition)
    require_status(held, *OPEN)
    targets = await targets_of(change.connection, held.contents)
    conflicts = {each.pointer: each for each in find_conflicts(held.contents, targets, published=False)}
    decided = require_decided(resolutions, conflicts)
    faults: list[Fault] = []
    changes: dict[str, AnyChange | None] = {}
    for pointer, key, noted in held.contents.entries():
        resolution = decided.get(pointer)
        if resolution is None:
            continue
        if resolution.keep == "current":
            changes[pointer] = None
            continue
        kept = _fitting(noted, targets[key])
        faults += (Fault(pointer + fault.pointer, fault.detail) for fault in misfits(kept, targets[key]))
        changes[pointer] = note_change(kept, targets[key])
    if faults:
        raise Invalid.because(tuple(faults))
    contents = held.contents.mapped(changes)
    return await next_edition(change, held, held.name, held.note, contents, "change_set.resolve")


def require_decided(resolutions: Sequence[Decided], conflicts: Mapping[str, ChangeConflict]) -> dict[str, Decided]:
    """What was decided, by pointer, of conflicts as they are now.

    Raises:
        Invalid: A resolution is about what is no conflict, or about the same as another.
        ChangeSetConflicts: An object was changed once more since the caller looked.
    """
    decided: dict[str, Decided] = {}
    faults, changed = [], []
    for index, resolution in enumerate(resolutions):
        conflict = conflicts.get(resolution.pointer)
        if conflict is None:
            faults.append(Fault(f"/resolutions/{index}/pointer", "is no conflict of this change set"))
        elif resolution.pointer in decided:
            faults.append(Fault(f"/resolutions/{index}/pointer", "is resolved twice"))
        elif resolution.state != conflict.state:
            changed.append(Fault(conflict.pointer, conflict.detail))
        decided[resolution.pointer] = resolution
    if faults:
        raise Invalid.because(tuple(faults))
    if changed:
        raise ChangeSetConflicts("It was changed once more since you read it", faults=tuple(changed))
    return decided


def _fitting(noted: AnyChange, target: Target) -> AnyChange:
    """A change that was to create what somebody has created meanwhile replaces that."""
    if isinstance(noted, RuleChange) and noted.action == "create" and target.newest is not None:
        return msgspec.structs.replace(noted, action="replace")
    if isinstance(noted, FlagChange) and noted.action == "create" and target.flag_draft is not None:
        return msgspec.structs.replace(noted, action="replace")
    return noted
