"""Prove that orders are in order: against their lines, and against the ledger.

Source: docs/spec/orders.md#check.
"""

from quote_service.platform.postgres.pool import Database
from quote_service.selling.orders.model.findings import OrdersCheck
from quote_service.selling.orders.tables.checks import find_breakages

SHOWN_MAX = 20


async def check_orders(database: Database, shown_max: int = SHOWN_MAX) -> OrdersCheck:
    """Hold orders against everything that holds of them, as of one instant; whoever orders meanwhile does not wait.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    async with database.snapshot() as connection:
        return await find_breakages(connection, shown_max)
