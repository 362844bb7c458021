"""Lay the days of a week that is over by key: reports that report a few keys day by day then read a tenth of the pages.

Rows of a rollup lie as they came, a day's keys together. They are moved once, when nothing more is added to them but what is
late, and figures stay as they are.

Source: docs/spec/analytics.md#rollups.
"""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from quote_service.platform.postgres.pool import Connection, Database
from quote_service.steering.analytics.model.cubes import CLUSTERED_CUBES
from quote_service.steering.analytics.model.reports.times import ceil_to
from quote_service.steering.analytics.model.rollup_tables import ROLLUP_TABLES, RollupTable
from quote_service.steering.analytics.tables.clusters import first_to_cluster, has_rows, lay_by_key, note_clustered
from quote_service.steering.analytics.tables.folds import rollup_zone, try_lock_fold

#: So long after a week is over what was counted in it has been written, unless PostgreSQL was unavailable.
SETTLED_AFTER: Final = timedelta(days=2)
#: A week of more rows stays as it lies: folds would wait for too long.
ROWS_MAX: Final = 200_000
_MOMENT: Final = timedelta(microseconds=1)


async def cluster_days(database: Database, now: datetime, rows_max: int = ROWS_MAX) -> bool:
    """Move a week of one cube, in one transaction: killed in the middle, it has not happened.

    Args:
        database: Any number of processes may do this; folds of the same rollups wait meanwhile.
        now: The present.
        rows_max: Weeks of as many rows are left out.

    Returns:
        Whether there may be more to move.

    Raises:
        Unavailable: PostgreSQL gave no answer.
    """
    for table in ROLLUP_TABLES:
        async with database.transaction() as connection:
            zone = await rollup_zone(connection)
            if zone is None or not await try_lock_fold(connection, table.source):
                continue
            if await _cluster(connection, table, now - SETTLED_AFTER, ZoneInfo(zone), rows_max):
                return True
    return False


async def _cluster(
    connection: Connection, table: RollupTable, settled: datetime, zone: ZoneInfo, rows_max: int
) -> bool:
    first = await first_to_cluster(connection, table, CLUSTERED_CUBES)
    if first is None:
        return False
    cube, begin = first
    end = ceil_to("week", begin + _MOMENT, zone)
    if end > settled:
        return False
    if not await has_rows(connection, table, cube, begin, end, rows_max):
        await lay_by_key(connection, table, cube, begin, end)
    await note_clustered(connection, table, cube, end)
    return True
