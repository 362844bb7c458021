"""An admin replaces a feature flag.

Source: spec 6, Admin and Bucketing ("so that it can never change under a customer").
"""

from uuid import UUID

from quote_service.domain.changes import Change
from quote_service.domain.errors import Invalid
from quote_service.domain.flag_records import FlagRecord, identity_faults
from quote_service.domain.flags import FlagDraft, flag_faults
from quote_service.domain.preconditions import Precondition
from quote_service.flows.hold_flag import hold_flag, record_flag_change, require_not_archived
from quote_service.postgres import feature_flags
from quote_service.postgres.pool import Connection


async def replace_flag(
    connection: Connection, change: Change, flag_id: UUID, draft: FlagDraft, precondition: Precondition
) -> FlagRecord:
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
    held = await hold_flag(connection, flag_id, precondition)
    require_not_archived(held)
    faults = tuple(identity_faults(held, draft))
    if faults:
        raise Invalid.because(faults)
    replaced = await feature_flags.replace_flag(connection, change, flag_id, draft)
    await record_flag_change(connection, change, "flag.replace", held, replaced)
    return replaced
