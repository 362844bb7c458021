"""The largest groups of a period, and those that changed most.

What is sorted by is added up of `analytics_order_ranks` and `analytics_quote_ranks`, which have that alone, of weeks and quarters too,
where there is no filter: the few rows of a filter are found by the indexes of the rollups.

Source: docs/spec/analytics.md#reports.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import asyncpg

from quote_service.analytics.tables.report_rows import (
    Arguments,
    Keys,
    Rollup,
    Selection,
    bounded_sum,
    rows_queries,
    rows_query,
)
from quote_service.analytics.words.cubes import cube_of
from quote_service.analytics.words.reports.pieces import starts_of
from quote_service.analytics.words.rollup_tables import ORDER_RANKS, QUOTE_RANKS
from quote_service.analytics.words.sales.ranks import NOTHING, RANKED_ORDERS, RANKED_QUOTES
from quote_service.postgres.pool import Connection
from quote_service.postgres.queries import load_queries

_QUERIES = load_queries(__file__, "ranks")
_REMOVE_ORDERS, _REMOVE_QUOTES = _QUERIES["remove_orders"], _QUERIES["remove_quotes"]
_MAKE_ORDERS_ANEW, _MAKE_QUOTES_ANEW = _QUERIES["make_orders_anew"], _QUERIES["make_quotes_anew"]
_RANKS: Final[Mapping[Rollup, tuple[str, Mapping[str, str]]]] = {
    "orders": (ORDER_RANKS, RANKED_ORDERS),
    "quotes": (QUOTE_RANKS, RANKED_QUOTES),
}
_KEYS: Final = ("key_a", "key_b")
_HOURS: Final = 24 * 3600.0


class Ranked(NamedTuple):
    """A group among those of its currency; `of` is how many there are."""

    currency: str
    keys: Keys
    amount: int
    of: int


class Changed(NamedTuple):
    """A group's amount in a period, and in the one before."""

    currency: str
    keys: Keys
    amount: int
    previous: int


async def rank_groups(
    connection: Connection,
    selection: Selection,
    ranked_by: Mapping[Rollup, str],
    limit: int,
    currencies: Collection[str],
) -> list[Ranked]:
    """The largest groups of each currency, the largest first; times are not looked at.

    Args:
        connection: To read with.
        selection: Whose groups.
        ranked_by: What is added up of each rollup, in terms of its columns.
        limit: How many of a currency.
        currencies: Those that it has figures in.
    """
    if not currencies:
        return []
    selection = selection._replace(times=())
    if not _is_large(selection):
        return await _rank(connection, selection, ranked_by, limit, currencies, bounded_sum)
    try:
        async with connection.transaction():
            return await _rank(connection, selection, ranked_by, limit, currencies, _whole_sum)
    except asyncpg.NumericValueOutOfRangeError:
        return await _rank(connection, selection, ranked_by, limit, currencies, bounded_sum)


def _is_large(selection: Selection) -> bool:
    """Whether there are so many groups that it matters how each is added up."""
    return len(selection.by) > 1 or "product" in selection.by


def _whole_sum(name: str) -> str:
    """The sum of a column under its name; fails where it is no whole number that fits."""
    return f"whole_sum({name}) AS {name}"


async def _rank(
    connection: Connection,
    selection: Selection,
    ranked_by: Mapping[Rollup, str],
    limit: int,
    currencies: Collection[str],
    sum_of: Callable[[str], str],
) -> list[Ranked]:
    arguments = Arguments()
    keys = ", ".join(selection.by)
    most = arguments.add(limit)
    queries = []
    for currency in sorted(currencies):
        own = selection._replace(currency=currency)
        rows = " UNION ALL ".join(
            _rows(rollup, own, figure, ("amount",), arguments) for rollup, figure in ranked_by.items()
        )
        # Each currency by itself, whose groups have a key less; and not by a window, which would sort all of them.
        queries.append(
            f"""(WITH sums AS MATERIALIZED (SELECT {keys}, {sum_of("amount")} FROM ({rows}) AS rows GROUP BY {keys})
            SELECT {arguments.add(currency)}::text AS currency, sums.*, (SELECT count(*) FROM sums) AS of
            FROM sums ORDER BY amount DESC, {keys} LIMIT {most})"""  # noqa: S608 (names of ours)
        )
    found = await connection.fetch(" UNION ALL ".join(queries), *arguments.values)
    return [Ranked(row[0], tuple(row[1:-2]), row[-2], row[-1]) for row in map(tuple, found)]


async def rank_changes(
    connection: Connection, now: Selection, before: Selection, ranked_by: Mapping[Rollup, str], limit: int
) -> list[Changed]:
    """The groups of each currency that changed most: what rose by the most first, and what fell by the most first.

    Args:
        connection: To read with.
        now: Whose groups.
        before: The same of another period.
        ranked_by: As `rank_groups`.
        limit: How many of a currency that rose, and how many that fell.
    """
    arguments = Arguments()
    rows = " UNION ALL ".join(
        _rows(rollup, selection, figure, columns, arguments)
        for rollup, figure in ranked_by.items()
        for selection, columns in ((now, ("amount", "previous")), (before, ("previous", "amount")))
    )
    keys, most = ", ".join(now.by), arguments.add(limit)
    largest = " UNION ALL ".join(
        f"""(SELECT * FROM sums WHERE sums.currency = currencies.currency AND {change} > 0
            ORDER BY {change} DESC, {keys} LIMIT {most})"""  # noqa: S608 (names of ours)
        for change in ("amount - previous", "previous - amount")
    )
    found = await connection.fetch(
        f"""WITH sums AS MATERIALIZED (
            SELECT currency, {keys}, {bounded_sum("amount")}, {bounded_sum("previous")}
            FROM ({rows}) AS rows GROUP BY currency, {keys}
        ), currencies AS (SELECT DISTINCT currency FROM sums)
        SELECT largest.* FROM currencies CROSS JOIN LATERAL ({largest}) AS largest
        ORDER BY currency, abs(amount::numeric - previous) DESC, {keys}""",  # noqa: S608 (names of ours)
        *arguments.values,
    )
    return [Changed(row[0], tuple(row[1:-2]), row[-2], row[-1]) for row in map(tuple, found)]


async def make_ranks_anew(connection: Connection) -> None:
    """Add what groups are sorted by up again, of all days and months there are; folds wait meanwhile."""
    for statement in (_REMOVE_ORDERS, _REMOVE_QUOTES, _MAKE_ORDERS_ANEW, _MAKE_QUOTES_ANEW):
        await connection.execute(statement, timeout=_HOURS)


async def remove_order_ranks(connection: Connection) -> None:
    """Have no orders to be sorted by: the rows that it is of are removed with it."""
    await connection.execute(_REMOVE_ORDERS, timeout=_HOURS)


def _rows(rollup: Rollup, selection: Selection, figure: str, columns: Sequence[str], arguments: Arguments) -> str:
    """A query for the figure as the first of these columns; the others are 0."""
    others = dict.fromkeys(columns[1:], NOTHING)
    ranks, ranked_columns = _RANKS[rollup]
    ranked = None if selection.filters else ranked_columns.get(figure)
    if ranked is None:
        return rows_query(rollup, selection, dict(sorted({columns[0]: figure, **others}.items())), arguments)
    told = ", ".join(f"{value} AS {name}" for name, value in sorted({columns[0]: ranked, **others}.items()))
    # Hours at the edges, and what is not rolled up yet.
    edges = selection._replace(pieces=[piece for piece in selection.rank_pieces if piece.grain == "hour"])
    queries = rows_queries(rollup, edges, dict(sorted({columns[0]: figure, **others}.items())), arguments)
    names = ", ".join(f"{column} AS {name}" for column, name in zip(_KEYS, selection.by, strict=False))
    currency = "" if selection.currency is None else f" AND currency = {arguments.add(selection.currency)}"
    queries += [
        f"SELECT currency, {names}, {told} FROM {ranks}"  # noqa: S608 (names of ours)
        f" WHERE cube = '{cube_of(selection.dimensions)}' AND grain = '{piece.grain}'"
        f" AND period = ANY ({arguments.add(starts_of(piece, ZoneInfo(selection.zone)))}::timestamptz[]){currency}"
        for piece in selection.rank_pieces
        if piece.grain != "hour"
    ]
    return " UNION ALL ".join(queries)
