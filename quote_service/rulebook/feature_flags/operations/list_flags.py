"""Every feature flag that is not archived.

Source: docs/spec/feature-flags.md#managing-flags.
"""

from quote_service.platform.postgres.pool import Connection
from quote_service.rulebook.feature_flags.model.flag_records import FlagFilters, FlagRecord
from quote_service.rulebook.feature_flags.tables import feature_flags
from quote_service.rulebook.feature_flags.tables.feature_flags import page_of_flags

_ALL = 1_000_000


async def list_flags(connection: Connection) -> list[FlagRecord]:
    """The flags, by key."""
    return await page_of_flags(connection, FlagFilters(), after=None, limit=_ALL)


async def flag_by_key(connection: Connection, key: str) -> FlagRecord | None:
    """A flag as it is now, archived ones too."""
    return await feature_flags.flag_by_key(connection, key)
