"""A flag that does harm is taken back, and armed again by a person.

Source: docs/spec/feature-flags.md#managing-flags; docs/spec/experiments.md#rolling-back.
"""

from uuid import UUID

from quote_service.platform.postgres.change import Change
from quote_service.platform.system.preconditions import UNCONDITIONAL
from quote_service.pricing.flags.flag import FlagState
from quote_service.rulebook.feature_flags.model.flag_records import FlagRecord, FlagRollback
from quote_service.rulebook.feature_flags.operations.hold_flag import (
    hold_flag,
    require_not_archived,
)
from quote_service.rulebook.feature_flags.tables.feature_flags import set_flag_state


async def roll_back_flag(change: Change, flag_id: UUID, harm: FlagRollback | None = None) -> FlagRecord:
    """Put a flag off for everybody until it is armed again, within the caller's transaction; one that is so stays as it is.

    Args:
        change: Its author.
        flag_id: The flag.
        harm: What showed harm, where something did: a flag that has another version since stays as it is.

    Raises:
        NotFound: There is no such flag.
        FlagArchived: It is archived, and so off for everybody.
    """
    held = await hold_flag(change.connection, flag_id, UNCONDITIONAL)
    if harm is not None and harm.version != held.version:
        return held
    return await _set_state(change, held, "ROLLED_BACK", harm)


async def rearm_flag(change: Change, flag_id: UUID) -> FlagRecord:
    """Let a flag that was rolled back be what is written of it again; one that was not stays as it is.

    Raises:
        NotFound: There is no such flag.
        FlagArchived: It is archived, and so off for everybody.
    """
    return await _set_state(change, await hold_flag(change.connection, flag_id, UNCONDITIONAL), "ACTIVE", None)


async def _set_state(change: Change, held: FlagRecord, state: FlagState, harm: FlagRollback | None) -> FlagRecord:
    require_not_archived(held)
    if held.state == state:
        return held
    changed = await set_flag_state(change.connection, change, held.id, state, harm)
    action = "flag.roll_back" if state == "ROLLED_BACK" else "flag.rearm"
    await change.record(action, held, changed)
    return changed
