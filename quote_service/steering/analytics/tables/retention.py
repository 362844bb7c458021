"""Old rollups, and those of longer periods made again from the hours.

Source: docs/spec/analytics.md#how-long; docs/spec/analytics.md#rebuild.
"""

from datetime import UTC, datetime
from typing import NamedTuple

from quote_service.platform.postgres.long_transactions import allow_long_transaction
from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.steering.analytics.model.cubes import CUBES, LINES
from quote_service.steering.analytics.model.rollup_tables import RollupTable
from quote_service.steering.analytics.tables.rollups import grains_of_hours, hours_of_quarters, say_quarters_are_written

STATEMENTS = Statements(__file__, "retention")
_HOURS = 24 * 3600.0
_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
_ALL_CUBES = [*CUBES, LINES]


class KeptSince(NamedTuple):
    """From when on rollups by the hour, and by the day, are all there; None where nothing has been forgotten."""

    hours: datetime | None
    days: datetime | None


@STATEMENTS.query()
async def note_forgotten(connection: Connection, hour_days: int, day_days: int) -> None:
    """Write down that rollups older than so many days are gone, by whole months."""


@STATEMENTS.query()
async def kept_since(connection: Connection) -> KeptSince:
    """What has been written down of it."""


class QuartersSince(NamedTuple):
    """From which hours on their quarters are all there; None where that is always."""

    quotes: datetime | None
    orders: datetime | None


@STATEMENTS.query()
async def quarters_since(connection: Connection) -> QuartersSince:
    """What has been written down of it: a release without quarters may have counted before."""


@STATEMENTS.query()
async def note_orders_have_quarters(connection: Connection) -> None:
    """Say that all orders will be counted by quarters of an hour too."""


async def forget_quarters_before(connection: Connection, table: RollupTable, days: int, rows_max: int) -> int:
    """As `forget_before`, of quarters of an hour."""
    query = _of(STATEMENTS["forget_quarters"], table.quarters)
    removed = await connection.execute(query, _ALL_CUBES, days, rows_max, timeout=_HOURS)
    return int(removed.rpartition(" ")[2])


async def forget_before(connection: Connection, table: str, grain: str, days: int, rows_max: int) -> int:
    """Remove rows of a grain that began so many days ago, at most so many; how many were removed.

    Whole months are removed, so that what remains of a grain begins with one.
    """
    await say_quarters_are_written(connection)
    removed = await connection.execute(
        _of(STATEMENTS["forget"], table), _ALL_CUBES, grain, days, rows_max, timeout=_HOURS
    )
    return int(removed.rpartition(" ")[2])


async def lock_fold(connection: Connection, source: str) -> None:
    """Be the only one who folds a source until the transaction ends, however long that takes."""
    await allow_long_transaction(connection, statement_seconds=0, transaction_seconds=0)
    await connection.execute(STATEMENTS["lock_fold"], source, timeout=_HOURS)


@STATEMENTS.query()
async def set_zone(connection: Connection, zone: str) -> None:
    """Have all periods begin by a time zone, which is for who makes them again."""


async def rebuild_hours(connection: Connection, table: RollupTable, zone: str) -> None:
    """Make hours again from their quarters, as far as these are whole; older ones stay, and count where they begin."""
    await say_quarters_are_written(connection)
    since = getattr(await quarters_since(connection), table.source) or _ALWAYS
    await connection.execute(_of(STATEMENTS["remove_hours_from"], table.name), since, timeout=_HOURS)
    await connection.execute(hours_of_quarters(table), zone, since, timeout=_HOURS)


async def rebuild_from_hours(connection: Connection, table: RollupTable, zone: str) -> int:
    """Make days, months and hours over months again, as far back as there are hours of whole months; how many rows.

    Where days reach further back than hours do, what is older than the first month of which all hours are kept stays.
    """
    await say_quarters_are_written(connection)
    first = await connection.fetchval(
        _of(STATEMENTS["first_to_make_again"], table.name), _ALL_CUBES, zone, timeout=_HOURS
    )
    if first is None:
        return 0
    await connection.execute(_of(STATEMENTS["remove_from"], table.name), first, timeout=_HOURS)
    written = await connection.execute(grains_of_hours(table.name, table.figures), zone, first, timeout=_HOURS)
    return int(written.rpartition(" ")[2])


def _of(query: str, table: str) -> str:
    return query.replace("analytics_rollups", table)
