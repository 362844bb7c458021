"""Sums of rollups over a period, by time and by the dimensions of a cube.

What is not rolled up yet is added where there is a view of it, so that figures are as fresh as what has been written.

Source: docs/spec/analytics.md#time.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from quote_service.analytics.words.cubes import DIMENSIONS, Dimension, Grain, cube_of
from quote_service.analytics.words.quote_figures import QUOTE_FIGURES
from quote_service.analytics.words.reports.dimensions import TimeOfReport
from quote_service.analytics.words.reports.pieces import Piece, starts_of
from quote_service.analytics.words.sales.figures import COLUMNS as SALE_FIGURES
from quote_service.postgres.pool import Connection
from quote_service.quotes.words.quote_cells import OTHER

Rollup = Literal["quotes", "orders"]
TimeKey = date | int
Keys = tuple[str, ...]

FIGURES: Final[Mapping[Rollup, tuple[str, ...]]] = {"quotes": QUOTE_FIGURES, "orders": SALE_FIGURES}
_TABLES: Final[Mapping[Rollup, str]] = {"quotes": "analytics_quotes", "orders": "analytics_orders"}
_UNFOLDED: Final[Mapping[Rollup, str]] = {"quotes": "analytics_quotes_unfolded"}
_LARGEST: Final = 9_000_000_000_000_000_000


class Selection(NamedTuple):
    """Which rollups, and what they are added up by.

    Attributes:
        dimensions: Of the cube, at most two.
        filters: The value of some of them.
        currency: The only one, or None for all.
        times: What of time they are added up by.
        by: The dimensions that they are added up by, in the order of the cube's.
        pieces: Of the period.
        begin: Beginning of the period, for what is not rolled up yet.
        end: Its end.
        zone: Of the rollups.
    """

    dimensions: frozenset[Dimension]
    filters: Mapping[Dimension, str]
    currency: str | None
    times: tuple[TimeOfReport, ...]
    by: tuple[Dimension, ...]
    pieces: Sequence[Piece]
    begin: datetime
    end: datetime
    zone: str


class Sums(NamedTuple):
    """The figures of one group, by column; those of days, weekdays (1 is Monday) or hours, and of values of dimensions."""

    currency: str
    times: tuple[TimeKey, ...]
    keys: Keys
    figures: dict[str, int]


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


async def use_one_process(connection: Connection) -> None:
    """Have statements of this transaction run in one process: starting others takes longer than most of ours run."""
    await connection.execute("SET LOCAL max_parallel_workers_per_gather = 0")


async def sum_rollups(
    connection: Connection,
    rollup: Rollup,
    selection: Selection,
    figures: Sequence[str],
    only: Collection[Keys] | None = None,
) -> list[Sums]:
    """The figures of each group that has any; `only` names the values of `by` that are wanted."""
    arguments = _Arguments()
    rows = _rows(rollup, selection, {name: name for name in figures}, arguments, only)
    by = _columns(selection)
    sums = ", ".join(f"least(greatest(sum({name}), -{_LARGEST}), {_LARGEST})::bigint AS {name}" for name in figures)
    groups = ", ".join(("currency", *by))
    found = await connection.fetch(
        f"SELECT {groups}, {sums} FROM ({rows}) AS rows GROUP BY {groups}",  # noqa: S608 (names of ours)
        *arguments.values,
    )
    first = 1 + len(selection.times)
    start = first + len(selection.by)
    return [
        Sums(row[0], tuple(row[1:first]), tuple(row[first:start]), dict(zip(figures, row[start:], strict=True)))
        for row in map(tuple, found)
    ]


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
    arguments = _Arguments()
    selection = selection._replace(times=())
    rows = " UNION ALL ".join(
        _rows(rollup, selection, {"amount": figure}, arguments, None) for rollup, figure in ranked_by.items()
    )
    by = _columns(selection)
    groups = ", ".join(("currency", *by))
    found = await connection.fetch(
        f"""SELECT * FROM (
            SELECT {groups}, least(greatest(sum(amount), -{_LARGEST}), {_LARGEST})::bigint, count(*) OVER currencies,
                row_number() OVER (currencies ORDER BY sum(amount) DESC, {", ".join(by)}) AS rank
            FROM ({rows}) AS rows GROUP BY {groups} WINDOW currencies AS (PARTITION BY currency)
        ) AS ranked WHERE rank <= {arguments.add(limit)} ORDER BY currency, rank""",  # noqa: S608 (names of ours)
        *arguments.values,
    )
    return [Ranked(row[0], tuple(row[1:-3]), row[-3], row[-2]) for row in map(tuple, found)]


async def rank_changes(
    connection: Connection, now: Selection, before: Selection, ranked_by: Mapping[Rollup, str], limit: int
) -> list[Changed]:
    """The groups of each currency that changed most, what rose most first, and then what fell most.

    Args:
        connection: To read with.
        now: Whose groups.
        before: The same of another period.
        ranked_by: As `rank_groups`.
        limit: How many of a currency that rose, and how many that fell.
    """
    arguments = _Arguments()
    rows = " UNION ALL ".join(
        _rows(rollup, selection, {"amount": amount, "previous": previous}, arguments, None)
        for rollup, figure in ranked_by.items()
        for selection, amount, previous in ((now, figure, "0::bigint"), (before, "0::bigint", figure))
    )
    groups = ", ".join(("currency", *now.by))
    sums = ", ".join(
        f"least(greatest(sum({name}), -{_LARGEST}), {_LARGEST})::bigint AS {name}" for name in ("amount", "previous")
    )
    most = arguments.add(limit)
    found = await connection.fetch(
        f"""SELECT {groups}, amount, previous FROM (
            SELECT *, row_number() OVER (PARTITION BY currency ORDER BY amount - previous DESC, {groups}) AS up,
                row_number() OVER (PARTITION BY currency ORDER BY amount - previous, {groups}) AS down
            FROM (SELECT {groups}, {sums} FROM ({rows}) AS rows GROUP BY {groups}) AS sums
        ) AS ranked WHERE (up <= {most} AND amount > previous) OR (down <= {most} AND amount < previous)
        ORDER BY currency, CASE WHEN amount > previous THEN up ELSE down END""",  # noqa: S608 (names of ours)
        *arguments.values,
    )
    return [Changed(row[0], tuple(row[1:-2]), row[-2], row[-1]) for row in map(tuple, found)]


class _Arguments:
    """The arguments of a statement."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def add(self, value: Any) -> str:
        self.values.append(value)
        return f"${len(self.values)}"


def _rows(
    rollup: Rollup,
    selection: Selection,
    figures: Mapping[str, str],
    arguments: _Arguments,
    only: Collection[Keys] | None,
) -> str:
    """A query for the rows that make the selection up, with the figures by their name."""
    columns = ", ".join(f"{figure} AS {name}" for name, figure in figures.items())
    where = _where(selection, arguments, only)
    named = [f"{column} AS {name}" for name, column in zip(selection.by, _key_columns(selection), strict=True)]
    zone = arguments.add(selection.zone) if selection.times else ""
    queries = []
    for piece in selection.pieces:
        shown = ", ".join(("currency", *_times(selection.times, piece.grain, "period", zone), *named, columns))
        if only is None and piece.grain != "hour":
            # All keys of so many periods, by name: for a range PostgreSQL would step through the keys of the other index.
            periods = f"period = ANY ({arguments.add(starts_of(piece, ZoneInfo(selection.zone)))}::timestamptz[])"
        else:
            periods = f"period >= {arguments.add(piece.begin)} AND period < {arguments.add(piece.end)}"
        queries.append(
            f"SELECT {shown} FROM {_TABLES[rollup]}"  # noqa: S608 (names of ours)
            f" WHERE {where} AND grain = '{piece.grain}' AND {periods}"
        )
    if rollup in _UNFOLDED:
        shown = ", ".join(("currency", *_times(selection.times, "hour", "minute", zone), *named, columns))
        begin, end = arguments.add(selection.begin), arguments.add(selection.end)
        queries.append(
            f"SELECT {shown} FROM {_UNFOLDED[rollup]} WHERE {where} AND minute >= {begin} AND minute < {end}"  # noqa: S608 (names of ours)
        )
    return " UNION ALL ".join(queries)


def _where(selection: Selection, arguments: _Arguments, only: Collection[Keys] | None) -> str:
    # The cube as it stands, for a plan that reads the one branch of the view that it is of.
    conditions = [f"cube = '{cube_of(selection.dimensions)}'"]
    places = dict(zip((each for each in DIMENSIONS if each in selection.dimensions), ("key_a", "key_b"), strict=False))
    for dimension, value in selection.filters.items():
        argument = arguments.add(value)
        # A flag without its variant is all of its variants.
        is_prefix = dimension == "flag" and value not in ("", OTHER) and "=" not in value
        conditions.append(
            f"starts_with({places[dimension]}, {argument} || '=')" if is_prefix else f"{places[dimension]} = {argument}"
        )
    if selection.currency is not None:
        conditions.append(f"currency = {arguments.add(selection.currency)}")
    if only is not None:
        arrays = [arguments.add([keys[place] for keys in only]) for place in range(len(selection.by))]
        columns = _key_columns(selection)
        # Each by itself too: by that an index finds them.
        conditions += [f"{column} = ANY ({array}::text[])" for column, array in zip(columns, arrays, strict=True)]
        if len(columns) > 1:
            pairs = ", ".join(f"{array}::text[]" for array in arrays)
            conditions.append(f"({', '.join(columns)}) IN (SELECT * FROM unnest({pairs}))")  # noqa: S608 (names of ours)
    return " AND ".join(conditions)


def _key_columns(selection: Selection) -> list[str]:
    ordered = [dimension for dimension in DIMENSIONS if dimension in selection.dimensions]
    return [("key_a", "key_b")[ordered.index(dimension)] for dimension in selection.by]


def _columns(selection: Selection) -> list[str]:
    return [*selection.times, *selection.by]


def _times(times: Sequence[TimeOfReport], grain: Grain, column: str, zone: str) -> list[str]:
    told: dict[TimeOfReport, str] = {
        "day": f"({column} AT TIME ZONE {zone})::date AS day",
        "hour": "hour::integer AS hour"
        if grain == "month_hour"
        else f"extract(hour FROM {column} AT TIME ZONE {zone})::integer AS hour",
        "weekday": f"extract(isodow FROM {column} AT TIME ZONE {zone})::integer AS weekday",
    }
    return [told[time] for time in times]
