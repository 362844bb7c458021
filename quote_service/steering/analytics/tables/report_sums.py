"""Sums of rollups over a period, by time and by the dimensions of a cube.

Source: docs/spec/analytics.md#time.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Final

import asyncpg

from quote_service.platform.postgres.pool import Connection
from quote_service.steering.analytics.model.cubes import cube_of
from quote_service.steering.analytics.tables.report_rows import (
    TABLES,
    Arguments,
    Keys,
    Rollup,
    Selection,
    TimeKey,
    is_all_variants,
    key_of,
    rows_query,
)

#: Currency; day, weekday (1 is Monday) or hour; values of dimensions.
GroupKey = tuple[str, tuple[TimeKey, ...], Keys]

#: What every row has something of: where what is too much is taken off, groups without it are none of the period.
_PRESENT: Final[Mapping[Rollup, str]] = {
    "quotes": "quotes + priced + lines",
    # What counts by its issue is at most taken off what is there.
    "orders": "2 * (accepted + orders) + accepted_shift + orders_shift + refunds + cancellations",
}
_LARGEST: Final = 9_000_000_000_000_000_000


async def prepare_for_reports(connection: Connection) -> None:
    """Set this transaction up for our statements.

    They run in one process, since starting others takes longer than most of them run, and may hold a hundred thousand groups in
    memory: `CalculationLimiter` bounds how many do at once. Groups are hashed, which is quicker than sorting rows of 40 columns.
    Compiling so many sums would take longer than adding them up.
    """
    await connection.execute(
        "SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL work_mem = '32MB'; SET LOCAL enable_sort = off;"
        " SET LOCAL jit = off"
    )


async def sum_rollups(
    connection: Connection,
    rollup: Rollup,
    selection: Selection,
    figures: Sequence[str],
    only: Collection[Keys] | None = None,
) -> dict[GroupKey, dict[str, int]]:
    """The figures of each group that has any, by column; `only` names the values of `by` that are wanted."""
    selection = await _with_variants(connection, rollup, selection)
    if selection.times or selection.by:
        # Of thousands of groups; where a sum does not fit, all of it is asked again.
        with suppress(asyncpg.NumericValueOutOfRangeError):
            async with connection.transaction():
                return await _sum(connection, rollup, selection, figures, only, whole_sum)
    return await _sum(connection, rollup, selection, figures, only, bounded_sum)


async def _with_variants(connection: Connection, rollup: Rollup, selection: Selection) -> Selection:
    """The selection with the variants of its flag, where an index of second keys serves for these.

    Each second key is looked for after the one before it, of which there are as many as flags have variants.
    """
    flag = selection.filters.get("flag", "")
    if not is_all_variants(flag) or len(selection.dimensions) < 2 or key_of(selection, "flag") != "key_b":
        return selection
    key = f"SELECT min(key_b) FROM {TABLES[rollup]} WHERE cube = $1 AND grain = grains.grain AND key_b <> ''"  # noqa: S608 (our name)
    found = await connection.fetch(
        f"""WITH RECURSIVE keys (grain, key) AS (
            SELECT grains.grain, ({key}) FROM unnest($2::text[]) AS grains (grain)
            UNION ALL
            SELECT grains.grain, ({key} AND key_b > grains.key) FROM keys AS grains WHERE grains.key IS NOT NULL
        ) SELECT DISTINCT key FROM keys WHERE starts_with(key, $3 || '=')""",  # noqa: S608 (our name)
        cube_of(selection.dimensions),
        # Of quarters, keys are those of their hours.
        [*{"hour" if piece.grain == "quarter_hour" else piece.grain for piece in selection.pieces}],
        flag,
    )
    return selection._replace(variants=tuple(row[0] for row in found))


async def _sum(
    connection: Connection,
    rollup: Rollup,
    selection: Selection,
    figures: Sequence[str],
    only: Collection[Keys] | None,
    sum_of: Callable[[str], str],
) -> dict[GroupKey, dict[str, int]]:
    arguments = Arguments()
    reported, having = {name: name for name in figures}, ""
    if not all(piece.is_added for piece in selection.pieces):
        reported, having = reported | {"present": _PRESENT[rollup]}, " HAVING sum(present) <> 0"
    rows = rows_query(rollup, selection, reported, arguments, only)
    by = (*selection.times, *selection.by)
    sums = ", ".join(map(sum_of, figures))
    groups = ", ".join(("currency", *by))
    found = await connection.fetch(
        f"SELECT {groups}, {sums} FROM ({rows}) AS rows GROUP BY {groups}{having}",  # noqa: S608 (names of ours)
        *arguments.values,
    )
    first = 1 + len(selection.times)
    start = first + len(selection.by)
    return {
        (row[0], row[1:first], row[first:start]): dict(zip(figures, row[start:], strict=True))
        for row in map(tuple, found)
    }


def bounded_sum(name: str) -> str:
    """The sum of a column under its name, as a whole number that asyncpg reads quickly; amounts alone come near the largest."""
    if not name.endswith("_minor") and name not in ("amount", "previous"):
        return whole_sum(name)
    return f"least(greatest(sum({name}), -{_LARGEST}), {_LARGEST})::bigint AS {name}"


def whole_sum(name: str) -> str:
    """The same where each group counts: it fails where the sum is no whole number that fits."""
    return f"whole_sum({name}) AS {name}"
