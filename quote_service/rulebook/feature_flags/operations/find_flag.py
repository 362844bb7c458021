"""Find a feature flag by its key, archived ones too.

Source: docs/spec/feature-flags.md#managing-flags.
"""

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.errors import NotFound
from quote_service.rulebook.feature_flags.model.flag_records import FlagRecord
from quote_service.rulebook.feature_flags.tables.feature_flags import flag_by_key


async def find_flag(connection: Connection, key: str) -> FlagRecord:
    """The flag of a key.

    Raises:
        NotFound: There is none.
    """
    flag = await flag_by_key(connection, key)
    if flag is None:
        raise NotFound("There is no feature flag with this key")
    return flag
