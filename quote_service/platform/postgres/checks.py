"""Checks of stored rows, a statement each, which PostgreSQL works out: nothing is read into memory but what is told.

Source: docs/spec/ledger.md#check; docs/spec/orders.md#check.
"""

from collections.abc import Iterable, Mapping

from asyncpg import Record

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.system.findings import Finding

_AS_LONG_AS_IT_TAKES = "SET LOCAL statement_timeout = 0"
_HOURS = 24 * 3600.0
_NOTHING: Mapping[str, tuple[list[str], ...]] = {}


async def run_checks(
    connection: Connection,
    queries: Mapping[str, str],
    checks: Iterable[str],
    shown_max: int,
    arguments: Mapping[str, tuple[list[str], ...]] = _NOTHING,
) -> tuple[Record, list[Finding]]:
    """Run all checks on one state of the database, however long they take.

    Args:
        connection: In a snapshot.
        queries: A statement a check, whose first parameter is `shown_max` and whose rows have a `detail`; and `counts`,
            which says what there is to check.
        checks: Their names, in order.
        shown_max: The most findings of one check.
        arguments: Further parameters, by check.

    Returns:
        The row of `counts`, and what is wrong.
    """
    await connection.execute(_AS_LONG_AS_IT_TAKES)
    counts = await connection.fetchrow(queries["counts"], timeout=_HOURS)
    assert counts is not None
    findings = [
        Finding(name, row["detail"])
        for name in checks
        for row in await connection.fetch(queries[name], shown_max, *arguments.get(name, ()), timeout=_HOURS)
    ]
    return counts, findings
