"""An admin replaces a feature flag.

Source: docs/spec/feature-flags.md#managing-flags; docs/spec/feature-flags.md#bucketing.
"""

from uuid import UUID

from quote_service.platform.postgres.change import Change
from quote_service.platform.system.errors import Invalid
from quote_service.platform.system.preconditions import Precondition
from quote_service.pricing.flags.flag import FlagDraft, flag_faults
from quote_service.rulebook.feature_flags.model.flag_records import FlagRecord, identity_faults
from quote_service.rulebook.feature_flags.operations.hold_flag import (
    hold_flag,
    require_not_archived,
)
from quote_service.rulebook.feature_flags.tables import feature_flags


async def replace_flag(change: Change, flag_id: UUID, draft: FlagDraft, precondition: Precondition) -> FlagRecord:
    """Make the next version of a flag, within the caller's transaction.

    Raises:
        Invalid: The draft cannot be accepted, or has another key, algorithm or salt than the flag.
        NotFound: There is no such flag.
        Stale: It has been changed since the caller saw it.
        FlagArchived: It is archived.
    """
    faults = tuple(flag_faults(draft))
    if faults:
        raise Invalid.because(faults)
    held = await hold_flag(change.connection, flag_id, precondition)
    require_not_archived(held)
    faults = tuple(identity_faults(held, draft))
    if faults:
        raise Invalid.because(faults)
    replaced = await feature_flags.replace_flag(change.connection, change, flag_id, draft)
    await change.record("flag.replace", held, replaced)
    return replaced
