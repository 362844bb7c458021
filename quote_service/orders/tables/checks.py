"""What is wrong with orders, found by PostgreSQL: nothing of it is read into memory but what is told.

Source: docs/spec/orders.md#check.
"""

from quote_service.orders.words.findings import CHECKS, Finding, OrdersCheck
from quote_service.postgres.pool import Connection
from quote_service.postgres.queries import load_queries

_QUERIES = load_queries(__file__, "checks")
_COUNTS = _QUERIES["counts"]
_AS_LONG_AS_IT_TAKES = _QUERIES["as_long_as_it_takes"]
_OF_CHECK = {name: _QUERIES[name] for name in CHECKS}
_HOURS = 24 * 3600.0


async def find_breakages(connection: Connection, shown_max: int) -> OrdersCheck:
    """All checks, of one state of the database.

    Args:
        connection: In a snapshot.
        shown_max: The most findings of one check.
    """
    await connection.execute(_AS_LONG_AS_IT_TAKES)
    counts = await connection.fetchrow(_COUNTS, timeout=_HOURS)
    assert counts is not None
    findings = [
        Finding(name, row["detail"])
        for name, query in _OF_CHECK.items()
        for row in await connection.fetch(query, shown_max, timeout=_HOURS)
    ]
    return OrdersCheck(counts["orders"], counts["lines"], findings)
