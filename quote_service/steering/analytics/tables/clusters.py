"""Days of rollups that lie by key, so that what a key had day by day is read from few pages.

Source: docs/spec/analytics.md#rollups.
"""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.queries import load_queries
from quote_service.steering.analytics.model.rollup_tables import RollupTable
from quote_service.steering.analytics.tables.rollups import FOLD_SECONDS_MAX

_QUERIES = load_queries(__file__, "clusters")
_FIRST_TO_CLUSTER, _MANY_ROWS = _QUERIES["first_to_cluster"], _QUERIES["many_rows"]
_SAY_ROWS_ARE_MOVED, _LAY_BY_KEY = _QUERIES["say_rows_are_moved"], _QUERIES["lay_by_key"]
_NOTE_CLUSTERED, _FORGET_CLUSTERS = _QUERIES["note_clustered"], _QUERIES["forget_clusters"]


class FirstDay(NamedTuple):
    """A day of a cube that does not lie by key yet."""

    cube: str
    day: datetime


async def first_to_cluster(connection: Connection, table: RollupTable, cubes: Collection[str]) -> FirstDay | None:
    """The oldest such day of some cubes; None where they have none."""
    row = await connection.fetchrow(_of(_FIRST_TO_CLUSTER, table), table.source, list(cubes), timeout=FOLD_SECONDS_MAX)
    return None if row is None else FirstDay(*row)


async def has_rows(
    connection: Connection, table: RollupTable, cube: str, begin: datetime, end: datetime, many: int
) -> bool:
    """Whether the days of a cube that begin in a period have so many rows."""
    found: int = await connection.fetchval(_of(_MANY_ROWS, table), cube, begin, end, many, timeout=FOLD_SECONDS_MAX)
    return found >= many


async def lay_by_key(connection: Connection, table: RollupTable, cube: str, begin: datetime, end: datetime) -> None:
    """Move the rows of the days of a cube that begin in a period; nothing else may write in the transaction afterwards.

    The caller holds the lock of the fold, so that nobody adds to a row that is moved.
    """
    await connection.execute(_SAY_ROWS_ARE_MOVED)
    await connection.execute(_of(_LAY_BY_KEY, table), cube, begin, end, timeout=FOLD_SECONDS_MAX)


async def note_clustered(connection: Connection, table: RollupTable, cube: str, until: datetime) -> None:
    """Say how far a cube's days lie by key."""
    await connection.execute(_NOTE_CLUSTERED, table.source, cube, until)


async def forget_clusters(connection: Connection) -> None:
    """Say that no days lie by key: they are made anew."""
    await connection.execute(_FORGET_CLUSTERS)


def _of(query: str, table: RollupTable) -> str:
    return query.replace("analytics_rollups", table.name)
