"""An admin switches a feature flag off, at once.

Source: docs/spec/feature-flags.md#managing-flags.
"""

from uuid import UUID

from quote_service.platform.postgres.change import Change
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.rulebook.feature_flags.model.flag_records import FlagRecord
from quote_service.rulebook.feature_flags.operations.hold_flag import (
    hold_flag,
    require_not_archived,
)
from quote_service.rulebook.feature_flags.tables.feature_flags import switch_off_flag


async def kill_flag(change: Change, flag_id: UUID) -> FlagRecord:
    """Switch a flag off, within the caller's transaction, whatever version it is at; one that is off stays as it is.

    Raises:
        NotFound: There is no such flag.
        FlagArchived: It is archived, and so off for everybody.
    """
    held = await hold_flag(change.connection, flag_id, UNCONDITIONAL)
    require_not_archived(held)
    if not held.is_enabled:
        return held
    killed = await switch_off_flag(change.connection, change, flag_id)
    await change.record("flag.kill", held, killed)
    return killed
