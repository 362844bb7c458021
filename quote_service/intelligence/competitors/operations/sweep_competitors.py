"""Tidy up: what is old goes, what has no match is looked for again, credentials are sealed with the first key.

Source: docs/spec/competitors.md#observations; docs/spec/competitors.md#credentials.
"""

import structlog

from quote_service.intelligence.competitors.operations.credentials_seal import CredentialsLost, CredentialsSeal
from quote_service.intelligence.competitors.tables.lanes import forget_lanes
from quote_service.intelligence.competitors.tables.listings import look_again
from quote_service.intelligence.competitors.tables.offers import forget_observations
from quote_service.intelligence.competitors.tables.sources import forget_fetches, sealed_otherwise, write_credentials
from quote_service.platform.postgres.pool import Database

ROWS_AT_ONCE = 2000

_log = structlog.get_logger(__name__)


async def sweep_competitors(database: Database, *, observation_days: int, fetch_days: int) -> int:
    """Tidy a little at a time; the most rows of a kind that were touched, ROWS_AT_ONCE if there may be more.

    Raises:
        Unavailable: PostgreSQL cannot be reached.
    """
    async with database.transaction() as connection:
        observations = await forget_observations(connection, observation_days, ROWS_AT_ONCE)
    async with database.transaction() as connection:
        fetches = await forget_fetches(connection, fetch_days, ROWS_AT_ONCE)
        await forget_lanes(connection)
    async with database.transaction() as connection:
        again = await look_again(connection, ROWS_AT_ONCE)
    return max(observations, fetches, again)


async def reseal(database: Database, seal: CredentialsSeal) -> None:
    """Seal with the first key what another has sealed; what cannot be opened stays, for its fetches to say so.

    Raises:
        Unavailable: As above.
    """
    async with database.transaction() as connection:
        for row in await sealed_otherwise(connection, seal.key_id):
            try:
                credentials = seal.open(row.id, row.credentials, row.key_id)
            except CredentialsLost:
                continue
            await write_credentials(connection, row.id, seal.seal(row.id, credentials), seal.key_id)
