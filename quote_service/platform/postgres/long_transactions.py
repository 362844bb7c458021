"""Transactions that may take longer than others: imports, folds, what is made again from all rows."""

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries

_ALLOW = load_queries(__file__, "long_transactions")["allow_long_transaction"]


async def allow_long_transaction(connection: Connection, *, statement_seconds: int, transaction_seconds: int) -> None:
    """Give the transaction of the connection, and each statement of it, so long from now on; 0 is without an end.

    A statement has its `timeout` besides, on which the driver gives up.
    """
    idle_seconds = statement_seconds + 1 if statement_seconds else 0
    given = (f"{seconds}s" for seconds in (statement_seconds, idle_seconds, transaction_seconds))
    await connection.execute(_ALLOW, *given)
