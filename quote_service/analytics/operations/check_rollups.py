"""Prove that the rollups of orders are right: against the orders, against the ledger, and against each other.

Source: docs/spec/analytics.md#check.
"""

from quote_service.analytics.tables.checks import find_breakages
from quote_service.analytics.words.findings import AnalyticsCheck
from quote_service.postgres.pool import Database

SHOWN_MAX = 20


async def check_rollups(database: Database, shown_max: int = SHOWN_MAX) -> AnalyticsCheck:
    """Hold rollups against everything that holds of them, as of one instant; whoever orders meanwhile does not wait.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    async with database.snapshot() as connection:
        return await find_breakages(connection, shown_max)
