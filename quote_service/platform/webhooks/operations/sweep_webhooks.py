"""Tidy webhooks up: what is old goes, what has no chance is parked, secrets are sealed with the first key.

Source: docs/spec/webhooks.md#deliveries; docs/spec/webhooks.md#signatures.
"""

from quote_service.platform.postgres.pool import Database
from quote_service.platform.webhooks.operations.secret_seal import SealedSecret, SecretLost, SecretSeal
from quote_service.platform.webhooks.tables.deliveries import park_overdue, remove_of_deleted, remove_old
from quote_service.platform.webhooks.tables.endpoints import (
    SealedRow,
    drop_former_secrets,
    remove_deleted,
    sealed_otherwise,
    write_seals,
)

ROWS_AT_ONCE = 2000
DELIVERED_DAYS = 7
_NO_TURN = "The day of attempts went by while the endpoint failed or was disabled"


async def sweep_webhooks(database: Database, keep_days: int) -> int:
    """Park and remove, a little at a time; the most rows of a kind that were touched, ROWS_AT_ONCE if there may be more.

    Raises:
        Unavailable: PostgreSQL cannot be reached.
    """
    async with database.transaction() as connection:
        parked = await park_overdue(connection, ROWS_AT_ONCE, _NO_TURN)
    async with database.transaction() as connection:
        delivered_days = min(DELIVERED_DAYS, keep_days)
        old = await remove_old(connection, ROWS_AT_ONCE, delivered_days=delivered_days, parked_days=keep_days)
    async with database.transaction() as connection:
        orphans = await remove_of_deleted(connection, ROWS_AT_ONCE)
        await remove_deleted(connection)
        await drop_former_secrets(connection)
    return max(parked, old, orphans)


async def reseal(database: Database, seal: SecretSeal) -> None:
    """Seal with the first key what another one has sealed; what cannot be opened stays, for its endpoint to say so.

    Raises:
        Unavailable: PostgreSQL cannot be reached.
    """
    async with database.transaction() as connection:
        rows = await sealed_otherwise(connection, seal.key_id)
        renewed = [_renewed(seal, row) for row in rows]
        await write_seals(connection, [row for row in renewed if row is not None])


def _renewed(seal: SecretSeal, row: SealedRow) -> SealedRow | None:
    try:
        secret = seal.seal(row.id, seal.open(row.id, SealedSecret(row.secret, row.secret_key_id)))
        if row.former_secret is None or row.former_secret_key_id is None:
            return SealedRow(row.id, *secret, None, None)
        former = seal.open(row.id, SealedSecret(row.former_secret, row.former_secret_key_id))
        return SealedRow(row.id, *secret, *seal.seal(row.id, former))
    except SecretLost:
        return None
