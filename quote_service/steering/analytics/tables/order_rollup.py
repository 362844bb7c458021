"""The rollup of what was accepted, ordered and given back.

Source: docs/spec/analytics.md#orders.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from quote_service.platform.postgres.pool import Connection
from quote_service.steering.analytics.model.rollup_tables import ORDERS
from quote_service.steering.analytics.model.sales.cubes import CubeKey
from quote_service.steering.analytics.model.sales.figures import COLUMNS
from quote_service.steering.analytics.tables.rollups import add_rollups, say_quarters_are_written

TABLE = ORDERS.name
_NAMES = ("currency", "cube", "key_a", "key_b", "minute", *COLUMNS)
_TYPES = ("text", "text", "text", "text", "timestamptz", *("bigint" for _ in COLUMNS))
_PARAMETERS = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(_TYPES, 2))
_CHANGES = f"SELECT {', '.join(_NAMES)} FROM unnest({_PARAMETERS}) AS given ({', '.join(_NAMES)})"  # noqa: S608 (our names)
# The largest whole number of a column: more than that is left out, where it would keep everything else from being counted.
_LARGEST = 9_000_000_000_000_000_000

# Of one statement, so that each is well within its time however many lines an order has.
_KEYS_AT_ONCE = 4000
_HOURS = 24 * 3600.0

#: Sums by when they belong to (within a quarter of an hour), currency and cube.
Sums = Mapping[tuple[datetime, str], Mapping[CubeKey, Mapping[str, int]]]


async def add_sums(connection: Connection, zone: str, sums: Sums) -> int:
    """Add figures to all grains.

    Args:
        connection: In the transaction that takes out what they are of.
        zone: IANA name; hours, days and months begin by it.
        sums: The figures.

    Returns:
        How many rows were written.
    """
    # A key's figures of several quarters of an hour side by side: longer periods have one row of them.
    rows = sorted(
        (currency, *key, at, figures)
        for (at, currency), cubes in sums.items()
        for key, figures in cubes.items()
        if any(figures.values())
    )
    return sum(
        [
            await _add(connection, zone, rows[first : first + _KEYS_AT_ONCE])
            for first in range(0, len(rows), _KEYS_AT_ONCE)
        ]
    )


async def _add(connection: Connection, zone: str, rows: Sequence[tuple[Any, ...]]) -> int:
    keys = [list(column) for column in zip(*(row[:-1] for row in rows), strict=True)]
    figures = [[_bounded(row[-1].get(name, 0)) for row in rows] for name in COLUMNS]
    return await add_rollups(connection, TABLE, COLUMNS, _CHANGES, zone, *keys, *figures)


async def empty_rollup(connection: Connection) -> None:
    """Remove every figure, however long it takes; the caller has lifted the time limit of statements."""
    await say_quarters_are_written(connection)
    for table in (TABLE, ORDERS.quarters):
        await connection.execute(f"DELETE FROM {table}", timeout=_HOURS)  # noqa: S608 (our names)


def _bounded(figure: int) -> int:
    return max(-_LARGEST, min(figure, _LARGEST))
