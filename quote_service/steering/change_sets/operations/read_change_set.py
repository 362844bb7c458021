"""A change set beside what is in force, as somebody looks at it before publishing or rolling back.

Source: docs/spec/change-sets.md#conflicts.
"""

from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.steering.change_sets.model.change_sets import OPEN, ChangeConflict, ChangeSetDetail
from quote_service.steering.change_sets.model.targets import find_conflicts
from quote_service.steering.change_sets.operations.read_targets import targets_of
from quote_service.steering.change_sets.tables import change_sets


async def read_detail(connection: Connection, set_id: UUID) -> ChangeSetDetail:
    """A change set with its conflicts; one that is rolled back or discarded has none any more.

    Args:
        connection: Of one snapshot, so that the set and what it changes are of one moment.
        set_id: Which.

    Raises:
        NotFound: There is no such set.
    """
    held = await change_sets.read_change_set(connection, set_id)
    conflicts: list[ChangeConflict] = []
    if held.status in (*OPEN, "scheduled", "published"):
        targets = await targets_of(connection, held.contents)
        conflicts = list(find_conflicts(held.contents, targets, published=held.status == "published"))
    return ChangeSetDetail(**{name: getattr(held, name) for name in held.__struct_fields__}, conflicts=conflicts)
