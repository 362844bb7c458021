"""What waits for a person of prices that nobody decides about any more is over: nothing newer would ever take its place.

Source: docs/spec/price-decisions.md#runs.
"""

from typing import Final
from uuid import UUID

from quote_service.intelligence.price_decisions.operations.keep_decision import ACTOR
from quote_service.intelligence.price_decisions.tables.decision_changes import settle_left
from quote_service.platform.postgres.pool import Database

ROWS_AT_ONCE: Final = 1000


async def settle_what_is_left(database: Database) -> None:
    """Supersede it, some rows a transaction.

    Raises:
        Unavailable: PostgreSQL is unavailable; the next run does it.
    """
    after: UUID | None = None
    while True:
        async with database.transaction() as connection:
            after = await settle_left(connection, ACTOR, after, ROWS_AT_ONCE)
        if after is None:
            return
