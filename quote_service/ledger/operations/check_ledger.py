"""Prove that the ledger is in order, from its rows alone.

Source: docs/spec/ledger.md#check.
"""

from quote_service.ledger.tables.checks import find_breakages
from quote_service.ledger.words.findings import LedgerCheck
from quote_service.postgres.pool import Database

SHOWN_MAX = 20


async def check_ledger(database: Database, shown_max: int = SHOWN_MAX) -> LedgerCheck:
    """Hold the ledger against everything that holds of it, as of one instant; whoever posts meanwhile does not wait.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    async with database.snapshot() as connection:
        return await find_breakages(connection, shown_max)
