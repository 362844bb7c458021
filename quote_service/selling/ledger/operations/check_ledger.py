"""Prove that the ledger is in order, from its rows alone.

Source: docs/spec/ledger.md#check.
"""

from quote_service.platform.postgres.pool import Database
from quote_service.selling.ledger.model.findings import LedgerCheck
from quote_service.selling.ledger.tables.checks import find_breakages

SHOWN_MAX = 20


async def check_ledger(database: Database, shown_max: int = SHOWN_MAX) -> LedgerCheck:
    """Hold the ledger against everything that holds of it, as of one instant; whoever posts meanwhile does not wait.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    async with database.snapshot() as connection:
        return await find_breakages(connection, shown_max)
