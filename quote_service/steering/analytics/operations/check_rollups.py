"""Prove that the rollups of orders are right: against the orders, against the ledger, and against each other.

Source: docs/spec/analytics.md#check.
"""

from quote_service.platform.postgres.pool import Database
from quote_service.steering.analytics.model.findings import AnalyticsCheck
from quote_service.steering.analytics.tables.checks import find_breakages

SHOWN_MAX = 20


async def check_rollups(database: Database, shown_max: int = SHOWN_MAX) -> AnalyticsCheck:
    """Hold rollups against everything that holds of them, as of one instant; whoever orders meanwhile does not wait.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    async with database.snapshot() as connection:
        return await find_breakages(connection, shown_max)
