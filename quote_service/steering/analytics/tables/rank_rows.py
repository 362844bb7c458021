"""The largest groups of a period, and those that changed most.

What is sorted by is added up of `analytics_order_ranks` and `analytics_quote_ranks`, which have that alone, of weeks and quarters too.

Source: docs/spec/analytics.md#reports.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import asyncpg

from quote_service.platform.postgres.pool import Connection
from quote_service.platform.postgres.statements import Statements
from quote_service.steering.analytics.model.cubes import Grain
from quote_service.steering.analytics.model.reports.pieces import Piece, pieces_of, starts_of
from quote_service.steering.analytics.model.rollup_tables import ORDER_RANKS, QUOTE_RANKS
from quote_service.steering.analytics.model.sales.ranks import NOTHING, RANKED_ORDERS, RANKED_QUOTES
from quote_service.steering.analytics.tables.report_rows import (
    Arguments,
    Keys,
    Rollup,
    Selection,
    is_all_variants,
    key_columns,
    rows_queries,
    rows_query,
    where_of,
)
from quote_service.steering.analytics.tables.report_sums import bounded_sum, whole_sum

STATEMENTS = Statements(__file__, "ranks")
_RANKS: Final[Mapping[Rollup, tuple[str, Mapping[str, str]]]] = {
    "orders": (ORDER_RANKS, RANKED_ORDERS),
    "quotes": (QUOTE_RANKS, RANKED_QUOTES),
}
_HOURS: Final = 24 * 3600.0
#: What has no ranks.
_EDGES: Final[frozenset[Grain]] = frozenset({"hour", "quarter_hour"})


class Ranked(NamedTuple):
    """A group among those of its currency; `of` is how many have any of what is sorted by, or where these are too few how many there are."""

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
        return await _rank(connection, selection, ranked_by, limit, currencies)
    try:
        async with connection.transaction():
            ranked = await _rank(connection, selection, ranked_by, limit, currencies, is_large=True)
    except asyncpg.NumericValueOutOfRangeError:
        ranked = []
    # Groups that have nothing of it are shown too: where something is taken off, these cannot be distinguished from those that are not there.
    few = set(currencies) - {each.currency for each in ranked if each.of >= limit}
    if few:
        ranked = [each for each in ranked if each.currency not in few]
        ranked += await _rank(connection, selection, ranked_by, limit, few)
    return ranked


def _is_large(selection: Selection) -> bool:
    """Whether there are so many groups that it matters how each is added up."""
    return len(selection.by) > 1 or "product" in selection.by


async def _rank(
    connection: Connection,
    selection: Selection,
    ranked_by: Mapping[Rollup, str],
    limit: int,
    currencies: Collection[str],
    *,
    is_large: bool = False,
) -> list[Ranked]:
    arguments = Arguments()
    keys = ", ".join(selection.by)
    most = arguments.add(limit)
    amount = whole_sum("amount") if is_large else bounded_sum("amount")
    found = "count(*) FILTER (WHERE amount > 0)"
    if not is_large:
        found = f"CASE WHEN {found} < {most} THEN count(*) ELSE {found} END"
    queries = []
    for currency in sorted(currencies):
        own = selection._replace(currency=currency)
        rows = " UNION ALL ".join(
            _rows(rollup, own, figure, ("amount",), arguments, only_added=not is_large)
            for rollup, figure in ranked_by.items()
        )
        sums = f"SELECT {keys}, {amount} FROM ({rows}) AS rows GROUP BY {keys}"  # noqa: S608 (names of ours)
        if _has_a_row_each(own, ranked_by, only_added=not is_large):
            sums = f"SELECT {keys}, amount FROM ({rows}) AS rows"  # noqa: S608 (names of ours)
        # Each currency by itself, whose groups have a key less; and not by a window, which would sort all of them.
        queries.append(
            f"""(WITH sums AS MATERIALIZED ({sums})
            SELECT {arguments.add(currency)}::text AS currency, sums.*, (SELECT {found} FROM sums) AS of
            FROM sums ORDER BY amount DESC, {keys} LIMIT {most})"""  # noqa: S608 (names of ours)
        )
    rows_found = await connection.fetch(" UNION ALL ".join(queries), *arguments.values)
    return [Ranked(row[0], tuple(row[1:-2]), row[-2], row[-1]) for row in map(tuple, rows_found)]


def _has_a_row_each(selection: Selection, ranked_by: Mapping[Rollup, str], *, only_added: bool) -> bool:
    """Whether no group has more than one row, so that nothing is added up: one month, say, of what is rolled up with its transaction."""
    (rollup, figure), *others = ranked_by.items()
    if (
        others
        or rollup != "orders"
        or figure not in RANKED_ORDERS
        or is_all_variants(selection.filters.get("flag", ""))
    ):
        return False
    pieces = _ranked_pieces(selection, figure, only_added=only_added)
    return len(pieces) == 1 and pieces[0].grain not in _EDGES and len(starts_of(pieces[0], selection.zones.kept)) == 1


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


async def rebuild_ranks(connection: Connection) -> None:
    """Add what groups are sorted by up again, of all days and months there are; folds wait meanwhile."""
    await rebuild_order_ranks(connection)
    await rebuild_quote_ranks(connection)


async def rebuild_order_ranks(connection: Connection) -> None:
    """Of orders alone."""
    await remove_order_ranks(connection)
    await connection.execute(STATEMENTS["make_orders_again"], timeout=_HOURS)


async def rebuild_quote_ranks(connection: Connection) -> None:
    """Of quotes alone."""
    await connection.execute(STATEMENTS["remove_quotes"], timeout=_HOURS)
    await connection.execute(STATEMENTS["make_quotes_again"], timeout=_HOURS)


@STATEMENTS.query(timeout=_HOURS)
async def remove_order_ranks(connection: Connection) -> None:
    """Have no orders to be sorted by: the rows that it is of are removed with it."""


def _rows(
    rollup: Rollup,
    selection: Selection,
    figure: str,
    columns: Sequence[str],
    arguments: Arguments,
    *,
    only_added: bool = True,
) -> str:
    """A query for the figure as the first of these columns; the others are 0."""
    others = dict.fromkeys(columns[1:], NOTHING)
    ranks, ranked_columns = _RANKS[rollup]
    ranked = ranked_columns.get(figure)
    if ranked is None:
        reported = dict(sorted({columns[0]: figure, **others}.items()))
        whole = pieces_of(
            selection.begin, selection.end, "whole", selection.zones, is_open=selection.is_open, only_added=only_added
        )
        return rows_query(rollup, selection._replace(pieces=whole), reported, arguments)
    pieces = _ranked_pieces(selection, figure, only_added=only_added)
    # Hours and quarters at the edges, and what is not rolled up yet.
    edges = selection._replace(pieces=[piece for piece in pieces if piece.grain in _EDGES])
    queries = rows_queries(rollup, edges, dict(sorted({columns[0]: figure, **others}.items())), arguments)
    names = ", ".join(f"{column} AS {name}" for column, name in zip(key_columns(selection), selection.by, strict=True))
    starts: dict[tuple[Grain, bool], list[datetime]] = {}
    for piece in pieces:
        if piece.grain not in _EDGES:
            starts.setdefault((piece.grain, piece.is_added), []).extend(starts_of(piece, selection.zones.kept))
    # Not before there is one to say it of: an argument that no statement names has no type.
    where = where_of(selection, arguments) if starts else ""
    for (grain, is_added), periods in starts.items():
        reported = {columns[0]: ranked if is_added else f"-{ranked}", **others}
        values = ", ".join(f"{value} AS {name}" for name, value in sorted(reported.items()))
        queries.append(
            f"SELECT currency, {names}, {values} FROM {ranks}"  # noqa: S608 (names of ours)
            f" WHERE {where} AND grain = '{grain}' AND period = ANY ({arguments.add(periods)}::timestamptz[])"
        )
    return " UNION ALL ".join(queries)


def _ranked_pieces(selection: Selection, figure: str, *, only_added: bool) -> Sequence[Piece]:
    """The pieces of its period that are ranked; groups that are found by being there would not be where something is taken off."""
    return pieces_of(
        selection.begin,
        selection.end,
        "ranked",
        selection.zones,
        is_open=selection.is_open,
        only_added=only_added or figure == NOTHING,
    )
