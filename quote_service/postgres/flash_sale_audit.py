"""What an audit of a flash sale asks of PostgreSQL: rows that ought not to be there.

Source: spec 7; research 2.10.
"""

from datetime import timedelta
from uuid import UUID

from quote_service.postgres.pool import Connection
from quote_service.postgres.queries import load_queries

_QUERIES = load_queries("flash_sale_audit")
_CHECKS = {
    "I1": _QUERIES["oversold"],
    "I2": _QUERIES["over_limit"],
    "I3": _QUERIES["repeated_keys"],
    "I8": _QUERIES["ledger_gaps"],
    "I8 sums": _QUERIES["ledger_sums"],
    "I12": _QUERIES["dead_letters"],
}
_OUT_OF_TIME = _QUERIES["out_of_time"]
_RESERVED = _QUERIES["reserved"]
_RECOVERIES = _QUERIES["recoveries"]
_REJECTED = _QUERIES["rejected"]


async def find_violations(connection: Connection, sale_id: UUID, clocks_apart: timedelta) -> list[tuple[str, str]]:
    """Each row that breaks an invariant: its number, and the row.

    `clocks_apart` is how far the clocks of Redis and PostgreSQL may be from each other.
    """
    found = []
    for invariant, query in _CHECKS.items():
        found += [(invariant, str(dict(row.items()))) for row in await connection.fetch(query, sale_id)]
    late = await connection.fetch(_OUT_OF_TIME, sale_id, clocks_apart)
    return found + [("I9", str(dict(row.items()))) for row in late]


async def reserved_ids(connection: Connection, item_id: int) -> set[str]:
    """The purchases of an item that are still to be decided."""
    return {str(row["id"]) for row in await connection.fetch(_RESERVED, item_id)}


async def count_recoveries(connection: Connection, sale_id: UUID) -> tuple[int, int]:
    """How often items of a sale were built anew in Redis, and how many purchases were refused late."""
    return await connection.fetchval(_RECOVERIES, sale_id), await connection.fetchval(_REJECTED, sale_id)
