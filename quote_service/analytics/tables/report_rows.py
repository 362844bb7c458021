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
#: Currency; day, weekday (1 is Monday) or hour; values of dimensions.
GroupKey = tuple[str, tuple[TimeKey, ...], Keys]

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
        rank_pieces: The same with weeks, for what is ranked alone.
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
    rank_pieces: Sequence[Piece]
    begin: datetime
    end: datetime
    zone: str


async def prepare_for_reports(connection: Connection) -> None:
    """Set this transaction up for our statements.

    They run in one process, since starting others takes longer than most of them run, and may hold a hundred thousand groups in
    memory: `CalculationLimiter` bounds how many do at once.
    """
    await connection.execute("SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL work_mem = '32MB'")


async def sum_rollups(
    connection: Connection,
    rollup: Rollup,
    selection: Selection,
    figures: Sequence[str],
    only: Collection[Keys] | None = None,
) -> dict[GroupKey, dict[str, int]]:
    """The figures of each group that has any, by column; `only` names the values of `by` that are wanted."""
    arguments = Arguments()
    rows = rows_query(rollup, selection, {name: name for name in figures}, arguments, only)
    by = _columns(selection)
    sums = ", ".join(bounded_sum(name) for name in figures)
    groups = ", ".join(("currency", *by))
    found = await connection.fetch(
        f"SELECT {groups}, {sums} FROM ({rows}) AS rows GROUP BY {groups}",  # noqa: S608 (names of ours)
        *arguments.values,
    )
    first = 1 + len(selection.times)
    start = first + len(selection.by)
    return {
        (row[0], row[1:first], row[first:start]): dict(zip(figures, row[start:], strict=True))
        for row in map(tuple, found)
    }


def bounded_sum(name: str) -> str:
    """The sum of a column under its name, as a whole number that asyncpg reads quickly."""
    return f"least(greatest(sum({name}), -{_LARGEST}), {_LARGEST})::bigint AS {name}"


class Arguments:
    """The arguments of a statement."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def add(self, value: Any) -> str:
        """Its place in the statement."""
        self.values.append(value)
        return f"${len(self.values)}"


def rows_query(
    rollup: Rollup,
    selection: Selection,
    figures: Mapping[str, str],
    arguments: Arguments,
    only: Collection[Keys] | None = None,
) -> str:
    """A query for the rows that make the selection up, with the figures by their name; its arguments are added."""
    columns = ", ".join(f"{figure} AS {name}" for name, figure in figures.items())
    where = _where(selection, arguments, only)
    pairs = _pairs(selection, arguments, only)
    named = [f"{column} AS {name}" for name, column in zip(selection.by, _key_columns(selection), strict=True)]
    zone = arguments.add(selection.zone) if selection.times else ""
    queries = []
    for piece in selection.pieces:
        shown = ", ".join(("currency", *_times(selection.times, piece.grain, "period", zone), *named, columns))
        if (only is None and piece.grain != "hour") or pairs:
            # Periods by name: for a range PostgreSQL would step through the keys of the other index.
            periods = f"period = ANY ({arguments.add(starts_of(piece, ZoneInfo(selection.zone)))}::timestamptz[])"
        else:
            periods = f"period >= {arguments.add(piece.begin)} AND period < {arguments.add(piece.end)}"
        queries.append(
            f"SELECT {shown} FROM {_TABLES[rollup]}{pairs}"  # noqa: S608 (names of ours)
            f" WHERE {where} AND grain = '{piece.grain}' AND {periods}"
        )
    if rollup in _UNFOLDED:
        shown = ", ".join(("currency", *_times(selection.times, "hour", "minute", zone), *named, columns))
        begin, end = arguments.add(selection.begin), arguments.add(selection.end)
        queries.append(
            f"SELECT {shown} FROM {_UNFOLDED[rollup]}{pairs} WHERE {where} AND minute >= {begin} AND minute < {end}"  # noqa: S608 (names of ours)
        )
    return " UNION ALL ".join(queries)


def _pairs(selection: Selection, arguments: Arguments, only: Collection[Keys] | None) -> str:
    """Joins the pairs of values that are wanted: each is looked up, where arrays would be read crosswise."""
    if only is None or len(selection.by) < 2:
        return ""
    first, second = (f"{arguments.add([keys[place] for keys in only])}::text[]" for place in range(2))
    key, other = _key_columns(selection)
    return f" JOIN unnest({first}, {second}) AS wanted (first, second) ON {key} = first AND {other} = second"


def _where(selection: Selection, arguments: Arguments, only: Collection[Keys] | None) -> str:
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
    if only is not None and len(selection.by) == 1:
        wanted = arguments.add([keys[0] for keys in only])
        conditions.append(f"{_key_columns(selection)[0]} = ANY ({wanted}::text[])")
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
