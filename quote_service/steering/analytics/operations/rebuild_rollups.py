"""Make the rollups of days and months again, by the time zone of the settings.

Source: docs/spec/analytics.md#rebuild.
"""

from typing import NamedTuple

from quote_service.platform.postgres.pool import Database
from quote_service.steering.analytics.model.rollup_tables import ORDERS, ROLLUP_TABLES
from quote_service.steering.analytics.operations.check_honoured import SOURCE as HONOURED
from quote_service.steering.analytics.operations.count_sales import recount
from quote_service.steering.analytics.tables.clusters import forget_clusters
from quote_service.steering.analytics.tables.folds import rollup_zone
from quote_service.steering.analytics.tables.honoured import uncheck_all
from quote_service.steering.analytics.tables.rank_rows import rebuild_ranks
from quote_service.steering.analytics.tables.retention import lock_fold, rebuild_from_hours, rebuild_hours, set_zone


class Rebuilt(NamedTuple):
    """How many rows of a table were made again; None where they will be, by who counts."""

    table: str
    rows: int | None


async def rebuild_rollups(database: Database, zone: str, *, from_orders: bool = False) -> list[Rebuilt]:
    """Make days and months again from hours, in one transaction: readers see all of it or nothing, and folds wait.

    Args:
        database: Where the rollups are.
        zone: IANA name, by which periods begin from then on.
        from_orders: Have what was accepted, ordered and given back counted again, hours too, and accepted quotes compared
            again; until that is done, readers see a part of it.

    Raises:
        Unavailable: PostgreSQL gave no answer; nothing has changed.
    """
    async with database.transaction() as connection:
        for table in ROLLUP_TABLES:
            await lock_fold(connection, table.source)
        if from_orders:
            await lock_fold(connection, HONOURED)
            await uncheck_all(connection)
        is_moved = await rollup_zone(connection) not in (None, zone)
        await set_zone(connection, zone)
        await forget_clusters(connection)
        rebuilt = []
        for table in ROLLUP_TABLES:
            if table is ORDERS and from_orders:
                await recount(connection)
                rebuilt.append(Rebuilt(table.name, None))
            else:
                if is_moved:
                    await rebuild_hours(connection, table, zone)
                rebuilt.append(Rebuilt(table.name, await rebuild_from_hours(connection, table, zone)))
        await rebuild_ranks(connection)
        return rebuilt
