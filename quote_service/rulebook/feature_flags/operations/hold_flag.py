"""What every change of a feature flag begins and ends with: the flag is held, and the change is put on record.

Source: docs/spec/feature-flags.md#managing-flags; docs/spec/access.md#audit-log.
"""

from uuid import UUID

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import NotFound
from quote_service.platform.system.preconditions import Precondition
from quote_service.rulebook.feature_flags.model.errors import FlagArchived
from quote_service.rulebook.feature_flags.model.flag_records import FlagRecord
from quote_service.rulebook.feature_flags.tables.feature_flags import flag_by_id, hold_flags


async def hold_flag(connection: Connection, flag_id: UUID, precondition: Precondition) -> FlagRecord:
    """The flag as it is, which nobody else changes until the transaction ends.

    Raises:
        NotFound: There is no such flag.
        Stale: It has been changed since the caller saw it.
    """
    await hold_flags(connection)
    held = await flag_by_id(connection, flag_id)
    if held is None:
        raise NotFound("There is no such feature flag")
    precondition.require(str(held.id), held.version)
    return held


def require_not_archived(held: FlagRecord) -> None:
    """Refuse to change what is archived.

    Raises:
        FlagArchived: The flag is.
    """
    if held.is_archived:
        raise FlagArchived("The flag is archived and cannot change; create another")


async def hold_all_flags(connection: Connection) -> None:
    """Keep every other change of flags, rules and rates out until the transaction ends."""
    await hold_flags(connection)
