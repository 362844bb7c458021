"""Secrets of second factors that an older key has sealed are sealed with the first, so that the older one can go.

Source: docs/spec/access.md#second-factor.
"""

from contextlib import suppress

from quote_service.identity.tables.second_factors import sealed_with, write_seal
from quote_service.platform.postgres.pool import Database
from quote_service.platform.system.sealing import Seal, SecretLost

ROWS_AT_ONCE = 500


async def reseal_factors(database: Database, seal: Seal) -> int:
    """Seal a batch again; how many there were.

    Raises:
        Unavailable: PostgreSQL cannot be reached.
    """
    if not seal.former_key_ids:
        return 0
    async with database.transaction() as connection:
        rows = await sealed_with(connection, seal.former_key_ids, ROWS_AT_ONCE)
        for user_id, sealed in rows:
            with suppress(SecretLost):
                await write_seal(connection, user_id, seal.seal(user_id, seal.open(user_id, sealed)))
    return len(rows)
