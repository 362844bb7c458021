"""Add to a table of rollups, whatever its figures: `analytics_quotes`, and any other with the same key.

Source: docs/spec/analytics.md#rollups.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from quote_service.platform.postgres.pool import Connection
from quote_service.steering.analytics.model.cubes import LINES
from quote_service.steering.analytics.model.rollup_tables import ROLLUP_TABLES, RollupTable

# Of one statement of a fold: far more than it takes, since one that never ends in time is tried forever.
FOLD_SECONDS_MAX = 120.0
# An amount that would not fit its column stays at the bound: a fold that fails would fail forever. Two of them can be added
# without leaving the column, so that nothing is worked out in numbers of any size but the sums themselves.
_LARGEST = 4_500_000_000_000_000_000
_QUARTER = "date_bin('15 minutes', minute, '2000-01-01T00:00:00Z')"


async def add_rollups(
    connection: Connection,
    table: str,
    figures: Sequence[str],
    changes: str,
    zone: str,
    *arguments: Any,
    taken: str = "",
) -> int:
    """Add changes to the rows of all grains, and of quarters of an hour.

    Args:
        connection: In the transaction that takes the changes from where they are, or moves the watermark past them.
        table: With the columns of `KEY_COLUMNS`, the primary key of `analytics_quotes`, and one of each figure.
        figures: Columns of whole numbers, each a sum; what is taken back is below 0.
        changes: A query with the columns cube, minute (an instant), currency, key_a, key_b and the figures, not added up
            yet or added up to quarters of an hour; its parameters are $2 and on, $1 is the zone.
        zone: IANA name; hours, days and months begin by it.
        taken: A further statement, such as a DELETE of what `changes` reads, which sees the very same rows.

    Returns:
        How many rows were written, those of quarters apart.
    """
    await say_quarters_are_written(connection)
    statement = add_statement(table, tuple(figures), changes, taken)
    written = await connection.execute(statement, zone, *arguments, timeout=FOLD_SECONDS_MAX)
    return int(written.rpartition(" ")[2])


@lru_cache(maxsize=64)
def add_statement(table: str, figures: tuple[str, ...], changes: str, taken: str = "") -> str:
    """The statement of `add_rollups`: sums by quarters of an hour first, and of these the sums of the longer periods."""
    columns = ", ".join(figures)
    within = ", ".join(f"{_bounded(f'sum({figure})', figure)}::bigint AS {figure}" for figure in figures)
    added = ", ".join(f"{figure} = {_bounded(f'held.{figure} + excluded.{figure}', figure)}" for figure in figures)
    # What adds up to nothing anywhere would be a row that says nothing.
    is_something = " OR ".join(f"sum({figure}) <> 0" for figure in figures)
    also = f"taken AS ({taken}), " if taken else ""
    return f"""
        WITH {also}changes AS ({changes}), quarters AS MATERIALIZED (
            SELECT cube, {_QUARTER} AS period, currency, key_a, key_b, {within}
            FROM changes GROUP BY cube, {_QUARTER}, currency, key_a, key_b
            HAVING {is_something}
        ), parts AS (
            SELECT cube, period, currency, key_a, key_b, {columns} FROM quarters
            UNION ALL
            SELECT '{LINES}', period, currency, '', '', {within} FROM quarters WHERE cube = 'category'
            GROUP BY period, currency
        ), kept AS (
            INSERT INTO {_quarters_of(table)} AS held (cube, period, currency, key_a, key_b, {columns})
            SELECT cube, period, currency, key_a, key_b, {columns} FROM parts
            ORDER BY cube, period, key_a, key_b, currency
            ON CONFLICT (cube, period, key_a, key_b, currency) DO UPDATE SET {added}
        ), hours AS MATERIALIZED (
            SELECT cube, date_trunc('hour', period, $1) AS period, currency, key_a, key_b, {within}
            FROM quarters GROUP BY cube, date_trunc('hour', period, $1), currency, key_a, key_b
            HAVING {is_something}
        ), grains AS (
            SELECT cube, 'hour' AS grain, period, -1 AS hour, currency, key_a, key_b, {columns} FROM hours
            UNION ALL
            {_longer(within)}
        )
        INSERT INTO {table} AS held (cube, grain, period, hour, currency, key_a, key_b, {columns})
        SELECT cube, grain, period, hour, currency, key_a, key_b, {columns} FROM grains
        ORDER BY cube, grain, period, key_a, key_b, currency, hour
        ON CONFLICT (cube, grain, period, key_a, key_b, currency, hour) DO UPDATE SET {added}
    """  # noqa: S608 (names of tables and columns, which are ours)


async def say_quarters_are_written(connection: Connection) -> None:
    """Say that who writes rollups in this transaction writes their quarters, which otherwise would be taken for missing."""
    await connection.execute("SET LOCAL analytics.has_quarters = 'on'")


def _quarters_of(table: str) -> str:
    return next(each.quarters for each in ROLLUP_TABLES if each.name == table)


def grains_of_hours(table: str, figures: tuple[str, ...]) -> str:
    """The statement that makes the rows of longer periods from the hours that begin at $2 or later; $1 is the zone."""
    columns = ", ".join(figures)
    within = ", ".join(f"{_bounded(f'sum({figure})', figure)}::bigint AS {figure}" for figure in figures)
    return f"""
        WITH hours AS (SELECT * FROM {table} WHERE grain = 'hour' AND period >= $2)
        INSERT INTO {table} (cube, grain, period, hour, currency, key_a, key_b, {columns})
        {_longer(within)}
    """  # noqa: S608 (as above)


def hours_of_quarters(table: RollupTable) -> str:
    """The statement that makes the rows of hours from the quarters that begin at $2 or later; $1 is the zone."""
    within = ", ".join(f"{_bounded(f'sum({figure})', figure)}::bigint AS {figure}" for figure in table.figures)
    is_something = " OR ".join(f"sum({figure}) <> 0" for figure in table.figures)
    return f"""
        INSERT INTO {table.name} (cube, grain, period, hour, currency, key_a, key_b, {", ".join(table.figures)})
        SELECT cube, 'hour', date_trunc('hour', period, $1), -1, currency, key_a, key_b, {within}
        FROM {table.quarters} WHERE period >= $2
        GROUP BY cube, date_trunc('hour', period, $1), currency, key_a, key_b
        HAVING {is_something}
    """  # noqa: S608 (as above)


def _longer(within: str) -> str:
    """Sums of `hours` over days, months and the hours of the day of months."""
    hour_of_day = "extract(hour FROM period AT TIME ZONE $1)::integer"
    return f"""
        SELECT cube, 'day', date_trunc('day', period, $1), -1, currency, key_a, key_b, {within} FROM hours
        GROUP BY cube, date_trunc('day', period, $1), currency, key_a, key_b
        UNION ALL
        SELECT cube, 'month', date_trunc('month', period, $1), -1, currency, key_a, key_b, {within} FROM hours
        GROUP BY cube, date_trunc('month', period, $1), currency, key_a, key_b
        UNION ALL
        SELECT cube, 'month_hour', date_trunc('month', period, $1), {hour_of_day}, currency, key_a, key_b, {within}
        FROM hours GROUP BY cube, date_trunc('month', period, $1), {hour_of_day}, currency, key_a, key_b
    """  # noqa: S608 (as above)


def _bounded(value: str, figure: str) -> str:
    """Amounts alone come near the bound: nobody counts so far."""
    return f"greatest(least({value}, {_LARGEST}), -{_LARGEST})" if figure.endswith("_minor") else value
