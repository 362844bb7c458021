"""An admin makes a feature flag.

Source: docs/spec/feature-flags.md#managing-flags.
"""

from quote_service.platform.postgres.change import Change
from quote_service.platform.system.errors import Invalid, NameTaken
from quote_service.platform.system.new_ids import new_id
from quote_service.pricing.flags.flag import FlagDraft, flag_faults
from quote_service.rulebook.feature_flags.model.flag_records import FlagRecord
from quote_service.rulebook.feature_flags.tables.feature_flags import hold_flags, insert_flag, key_was_used


async def create_flag(change: Change, draft: FlagDraft) -> FlagRecord:
    """Make a flag, within the caller's transaction.

    A key is used once, even if its flag is archived: what was measured under it would mix with what comes.

    Raises:
        Invalid: The draft cannot be accepted.
        NameTaken: There is or was a flag with this key.
    """
    faults = tuple(flag_faults(draft))
    if faults:
        raise Invalid.because(faults)
    await hold_flags(change.connection)
    if await key_was_used(change.connection, draft.key):
        raise NameTaken("A flag with this key already exists, or is archived")
    made = await insert_flag(change.connection, change, new_id(), draft)
    await change.record("flag.create", None, made)
    return made
