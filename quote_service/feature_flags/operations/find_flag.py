"""Find a feature flag by its key, archived ones too.

Source: docs/spec/feature-flags.md#managing-flags.
"""

from quote_service.feature_flags.tables.feature_flags import flag_by_key
from quote_service.feature_flags.words.flag_records import FlagRecord
from quote_service.postgres.pool import Connection
from quote_service.system.errors import NotFound


async def find_flag(connection: Connection, key: str) -> FlagRecord:
    """The flag of a key.

    Raises:
        NotFound: There is none.
    """
    flag = await flag_by_key(connection, key)
    if flag is None:
        raise NotFound("There is no feature flag with this key")
    return flag
