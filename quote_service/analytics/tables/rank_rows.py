"""The largest groups of a period, and those that changed most.

What is sorted by is added up of `analytics_order_ranks`, which has that alone, weeks too, wherever it has all of it: rows of orders,
and no filter, which the indexes of `analytics_orders` serve.

Source: docs/spec/analytics.md#reports.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from quote_service.analytics.tables.report_rows import Arguments, Keys, Rollup, Selection, bounded_sum, rows_query
from quote_service.analytics.words.cubes import cube_of
from quote_service.analytics.words.reports.pieces import starts_of
from quote_service.analytics.words.sales.ranks import RANKED
from quote_service.postgres.pool import Connection
from quote_service.postgres.queries import load_queries

_QUERIES = load_queries(__file__, "ranks")
_REMOVE, _MAKE_ANEW = _QUERIES["remove"], _QUERIES["make_anew"]
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
    connection: Connection, selection: Selection, ranked_by: Mapping[Rollup, str], limit: int
) -> list[Ranked]:
    """The largest groups of each currency, the largest first; times are not looked at.

    Args:
        connection: To read with.
        selection: Whose groups.
        ranked_by: What is added up of each rollup, in terms of its columns.
        limit: How many of a currency.
    """
    arguments = Arguments()
    selection = selection._replace(times=())
    rows = " UNION ALL ".join(
        _rows(rollup, selection, figure, ("amount",), arguments) for rollup, figure in ranked_by.items()
    )
    keys = ", ".join(selection.by)
    # Not by a window: sorting all groups takes longer than adding them up.
    found = await connection.fetch(
        f"""WITH sums AS MATERIALIZED (
            SELECT currency, {keys}, {bounded_sum("amount")} FROM ({rows}) AS rows GROUP BY currency, {keys}
        ), currencies AS (SELECT currency, count(*) AS of FROM sums GROUP BY currency)
        SELECT largest.*, of FROM currencies CROSS JOIN LATERAL (
            SELECT * FROM sums WHERE sums.currency = currencies.currency
            ORDER BY amount DESC, {keys} LIMIT {arguments.add(limit)}
        ) AS largest ORDER BY currency, amount DESC, {keys}""",  # noqa: S608 (names of ours)
        *arguments.values,
    )
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
    await connection.execute(_REMOVE, timeout=_HOURS)
    await connection.execute(_MAKE_ANEW, timeout=_HOURS)


async def remove_ranks(connection: Connection) -> None:
    """Have nothing to be sorted by: the rows that it is of are removed with it."""
    await connection.execute(_REMOVE, timeout=_HOURS)


def _rows(rollup: Rollup, selection: Selection, figure: str, columns: Sequence[str], arguments: Arguments) -> str:
    """A query for the figure as the first of these columns; the others are 0."""
    others = dict.fromkeys(columns[1:], "0::bigint")
    ranked = RANKED.get(figure) if rollup == "orders" and not selection.filters else None
    if ranked is None:
        return rows_query(rollup, selection, dict(sorted({columns[0]: figure, **others}.items())), arguments)
    told = ", ".join(f"{value} AS {name}" for name, value in sorted({columns[0]: ranked, **others}.items()))
    queries = []
    hours = [piece for piece in selection.rank_pieces if piece.grain == "hour"]
    if hours:
        edges = selection._replace(pieces=hours)
        queries.append(rows_query(rollup, edges, dict(sorted({columns[0]: figure, **others}.items())), arguments))
    names = ", ".join(f"{column} AS {name}" for column, name in zip(_KEYS, selection.by, strict=False))
    currency = "" if selection.currency is None else f" AND currency = {arguments.add(selection.currency)}"
    queries += [
        f"SELECT currency, {names}, {told} FROM analytics_order_ranks"  # noqa: S608 (names of ours)
        f" WHERE cube = '{cube_of(selection.dimensions)}' AND grain = '{piece.grain}'"
        f" AND period = ANY ({arguments.add(starts_of(piece, ZoneInfo(selection.zone)))}::timestamptz[]){currency}"
        for piece in selection.rank_pieces
        if piece.grain != "hour"
    ]
    return " UNION ALL ".join(queries)
