"""An admin archives a feature flag: nobody gets it any more, and its key and history stay.

Source: docs/spec/feature-flags.md#managing-flags.
"""

from uuid import UUID

from quote_service.platform.postgres.change import Change
from quote_service.platform.system.preconditions import Precondition
from quote_service.rulebook.feature_flags.operations.hold_flag import hold_flag
from quote_service.rulebook.feature_flags.tables import feature_flags


async def archive_flag(change: Change, flag_id: UUID, precondition: Precondition) -> None:
    """Archive a flag, within the caller's transaction; an archived one stays as it is.

    Raises:
        NotFound: There is no such flag.
        Stale: It has been changed since the caller saw it.
    """
    held = await hold_flag(change.connection, flag_id, precondition)
    if held.is_archived:
        return
    archived = await feature_flags.archive_flag(change.connection, change, flag_id)
    await change.record("flag.archive", held, archived)
