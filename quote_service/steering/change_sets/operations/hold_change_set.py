"""What every change of a change set begins and ends with: it is held, and the change is put on record.

Source: docs/spec/change-sets.md; docs/spec/access.md#audit-log.
"""

from uuid import UUID

import msgspec

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.preconditions import Precondition
from quote_service.steering.change_sets.model.change_sets import ChangeSet, ChangeSetSummary
from quote_service.steering.change_sets.tables.change_sets import read_change_set


async def hold_change_set(connection: Connection, set_id: UUID, precondition: Precondition) -> ChangeSet:
    """A change set as it is, which nobody else changes until the transaction ends.

    Raises:
        NotFound: There is no such set.
        Stale: It has been changed since the caller saw it.
    """
    held = await read_change_set(connection, set_id, lock=True)
    precondition.require(str(set_id), held.version)
    return held


async def record_set_change(
    change: Change, action: str, before: ChangeSetSummary | None, after: ChangeSetSummary
) -> None:
    """Write the audit row of a change, with its event; what a set changes is shown where that is what was written."""
    await msgspec.structs.replace(change, change_set_id=after.id).record(action, before, after)
