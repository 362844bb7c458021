"""Flags of another system are made here, all of them or none.

Source: docs/spec/feature-flags.md#import.
"""

from collections.abc import Sequence

from quote_service.platform.postgres.change import Change
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import NameTaken
from quote_service.pricing.flags.flag import FlagDraft
from quote_service.rulebook.feature_flags.model.flag_records import FlagRecord, is_written_so
from quote_service.rulebook.feature_flags.operations.create_flag import create_flag
from quote_service.rulebook.feature_flags.tables.feature_flags import flag_by_key, hold_flags


async def flags_to_make(
    connection: Connection, drafts: Sequence[FlagDraft]
) -> tuple[list[FlagDraft], list[FlagRecord]]:
    """Which of some flags are not there yet, and which are there otherwise.

    A flag that is there as it would be made is neither, so that an import can be repeated.
    """
    missing, other = [], []
    for draft in drafts:
        held = await flag_by_key(connection, draft.key)
        if held is None:
            missing.append(draft)
        elif held.is_archived or not is_written_so(held, draft):
            other.append(held)
    return missing, other


async def import_flags(change: Change, drafts: Sequence[FlagDraft]) -> list[FlagRecord]:
    """Make the flags that are not there yet, each with its audit row, within the caller's transaction.

    Raises:
        NameTaken: One is there already and is another, or is archived.
        Invalid: One cannot be accepted.
    """
    await hold_flags(change.connection)
    missing, other = await flags_to_make(change.connection, drafts)
    if other:
        keys = ", ".join(flag.key for flag in other)
        raise NameTaken(f"There are other flags with these keys, or they are archived: {keys}")
    return [await create_flag(change, draft) for draft in missing]
