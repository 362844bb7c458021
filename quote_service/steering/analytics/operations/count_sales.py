"""Count what was accepted, ordered, refunded and cancelled: some of what is to be counted, in one transaction, once.

Whoever writes such a row writes what is to be counted of it in the same transaction. It is taken out here by the transaction
that adds it to the rollups, so that it is counted once, whoever is killed.

Locks: what is taken out, and after it rows of the rollup; one process at a time.

Source: docs/spec/analytics.md#orders.
"""

from collections.abc import Iterable
from datetime import datetime

from quote_service.platform.postgres.pool import Connection, Database
from quote_service.platform.system.traces import traced_work
from quote_service.steering.analytics.model.sales.cubes import CubeKey, add_fact
from quote_service.steering.analytics.model.sales.facts import SaleFact, quarter_of
from quote_service.steering.analytics.tables.folds import note_fold, rollup_zone, try_lock_fold
from quote_service.steering.analytics.tables.order_rollup import add_sums, empty_rollup
from quote_service.steering.analytics.tables.rank_rows import remove_order_ranks
from quote_service.steering.analytics.tables.retention import note_orders_have_quarters
from quote_service.steering.analytics.tables.sales import read_facts, take_uncounted, uncount

SOURCE = "orders"
SOURCES_AT_ONCE = 500


@traced_work("count sales")
async def count_sales(database: Database, time_zone: str, *, limit: int = SOURCES_AT_ONCE) -> int:
    """Count up to `limit` of what is to be counted.

    Args:
        database: Where it stands.
        time_zone: By which periods begin where nothing has been rolled up yet.
        limit: How many at most.

    Returns:
        How many were counted; 0 where there is nothing, or where another process counts.

    Raises:
        Unavailable: PostgreSQL gave no answer; what was taken stands there again.
    """
    async with database.transaction() as connection:
        if not await try_lock_fold(connection, SOURCE):
            return 0
        sources = await take_uncounted(connection, limit)
        if sources:
            zone = await rollup_zone(connection, time_zone) or time_zone
            await add_sums(connection, zone, sums_of(await read_facts(connection, sources)))
        if len(sources) < limit:
            await note_fold(connection, SOURCE)
        return len(sources)


async def recount(connection: Connection) -> None:
    """Have everything counted again, from the first quote that was accepted on; `count_sales` does it.

    Args:
        connection: In a transaction that holds the lock of the fold. Whoever reads sees nothing until it is counted.
    """
    await empty_rollup(connection)
    await remove_order_ranks(connection)
    await note_orders_have_quarters(connection)
    await uncount(connection)


def sums_of(facts: Iterable[SaleFact]) -> dict[tuple[datetime, str], dict[CubeKey, dict[str, int]]]:
    """The figures of all cubes, by quarter of an hour and currency."""
    sums: dict[tuple[datetime, str], dict[CubeKey, dict[str, int]]] = {}
    for fact in facts:
        add_fact(sums.setdefault((quarter_of(fact.at), fact.currency), {}), fact)
    return sums
