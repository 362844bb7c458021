"""Days of rollups that lie by key, so that what a key had day by day is read from few pages.

Source: docs/spec/analytics.md#rollups.
"""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.steering.analytics.model.rollup_tables import RollupTable
from quote_service.steering.analytics.tables.rollups import FOLD_SECONDS_MAX

STATEMENTS = Statements(__file__, "clusters")


class FirstDay(NamedTuple):
    """A day of a cube that does not lie by key yet."""

    cube: str
    day: datetime


async def first_to_cluster(connection: Connection, table: RollupTable, cubes: Collection[str]) -> FirstDay | None:
    """The oldest such day of some cubes; None where they have none."""
    row = await connection.fetchrow(
        _of(STATEMENTS["first_to_cluster"], table), table.source, list(cubes), timeout=FOLD_SECONDS_MAX
    )
    return None if row is None else FirstDay(*row)


async def has_rows(
    connection: Connection, table: RollupTable, cube: str, begin: datetime, end: datetime, many: int
) -> bool:
    """Whether the days of a cube that begin in a period have so many rows."""
    found: int = await connection.fetchval(
        _of(STATEMENTS["many_rows"], table), cube, begin, end, many, timeout=FOLD_SECONDS_MAX
    )
    return found >= many


async def lay_by_key(connection: Connection, table: RollupTable, cube: str, begin: datetime, end: datetime) -> None:
    """Move the rows of the days of a cube that begin in a period; nothing else may write in the transaction afterwards.

    The caller holds the lock of the fold, so that nobody adds to a row that is moved.
    """
    await connection.execute(STATEMENTS["say_rows_are_moved"])
    await connection.execute(_of(STATEMENTS["lay_by_key"], table), cube, begin, end, timeout=FOLD_SECONDS_MAX)


@STATEMENTS.query()
async def note_clustered(connection: Connection, table: RollupTable, cube: str, until: datetime) -> None:
    """Say how far a cube's days lie by key."""


@STATEMENTS.query()
async def forget_clusters(connection: Connection) -> None:
    """Say that no days lie by key: they are made again."""


def _of(query: str, table: RollupTable) -> str:
    return query.replace("analytics_rollups", table.name)
