"""Which rows of the rollups a report is added up of: queries of each piece of its period.

What is not rolled up yet is added where there is a view of it, so that figures are as fresh as what has been written.

Source: docs/spec/analytics.md#time.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

from quote_service.quotes.model.quote_cells import OTHER
from quote_service.steering.analytics.model.cubes import DIMENSIONS, LINES, Dimension, Grain, cube_of
from quote_service.steering.analytics.model.quote_figures import QUOTE_FIGURES
from quote_service.steering.analytics.model.reports.dimensions import TimeOfReport
from quote_service.steering.analytics.model.reports.pieces import Piece, Zones, clocks_of, hours_apart, starts_of
from quote_service.steering.analytics.model.reports.times import HOUR, QUARTER_HOUR
from quote_service.steering.analytics.model.rollup_tables import ORDERS, QUOTES
from quote_service.steering.analytics.model.sales.figures import COLUMNS as SALE_FIGURES

Rollup = Literal["quotes", "orders"]
TimeKey = date | int
Keys = tuple[str, ...]

FIGURES: Final[Mapping[Rollup, tuple[str, ...]]] = {"quotes": QUOTE_FIGURES, "orders": SALE_FIGURES}
TABLES: Final[Mapping[Rollup, str]] = {"quotes": "analytics_quotes", "orders": "analytics_orders"}
_QUARTERS: Final[Mapping[str, str]] = {QUOTES.name: QUOTES.quarters, ORDERS.name: ORDERS.quarters}
#: How long a period of these grains is: they are read as what lies between two instants.
_FINE: Final[Mapping[Grain, timedelta]] = {"hour": HOUR, "quarter_hour": QUARTER_HOUR}
_MOMENT: Final = timedelta(microseconds=1)
#: More such pieces than this are read by the names of their periods: a query of each would take longer to plan than to read.
_PIECES_MAX: Final = 6
#: Of which there are views of what is not rolled up yet.
_UNFOLDED: Final[frozenset[Rollup]] = frozenset({"quotes"})


class Selection(NamedTuple):
    """Which rollups, and what they are added up by.

    Attributes:
        dimensions: Of the cube, at most two.
        filters: The value of some of them.
        currency: The only one, or None for all.
        times: What of time they are added up by.
        by: The dimensions that they are added up by, in the order of the cube's.
        pieces: Of the period.
        is_open: The end is the present.
        begin: Beginning of the period, for what is not rolled up yet.
        end: Its end.
        zones: By which clock time is told, and by which rollups begin.
        variants: Where a filter is a flag without its variant, those that there are rows of; empty where that was not looked up.
    """

    dimensions: frozenset[Dimension]
    filters: Mapping[Dimension, str]
    currency: str | None
    times: tuple[TimeOfReport, ...]
    by: tuple[Dimension, ...]
    pieces: Sequence[Piece]
    begin: datetime
    end: datetime
    is_open: bool
    zones: Zones
    variants: tuple[str, ...] = ()


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
    return " UNION ALL ".join(rows_queries(rollup, selection, figures, arguments, only))


def rows_queries(
    rollup: Rollup,
    selection: Selection,
    figures: Mapping[str, str],
    arguments: Arguments,
    only: Collection[Keys] | None = None,
) -> list[str]:
    """The parts of `rows_query`: one of each piece, and of what is not rolled up yet."""
    if not selection.pieces and rollup not in _UNFOLDED:
        return []
    where = where_of(selection, arguments, only)
    unfolded = selection._replace(variants=())
    is_other = rollup in _UNFOLDED and (bool(selection.variants) or _cube(selection) == LINES)
    rows = _Rows(
        table=TABLES[rollup],
        selection=selection,
        figures=figures,
        where=where,
        # What is not rolled up yet may be of a variant that is new, and is not added up over categories.
        where_unfolded=where_of(unfolded, arguments, only, cube_of(selection.dimensions)) if is_other else where,
        pairs=_pairs(selection, arguments, only),
        arguments=arguments,
    )
    queries, fine = list[str](), [piece for piece in selection.pieces if piece.grain in _FINE]
    for piece in selection.pieces:
        if rows.pairs:
            queries.append(_of_pairs(rows, piece))
        elif piece.grain not in _FINE:
            queries.append(_of_piece(rows, piece, only))
        elif len(fine) <= _PIECES_MAX:
            queries += _of_fine(rows, piece) if selection.times else [_of_piece(rows, piece, only)]
    if len(fine) > _PIECES_MAX and not rows.pairs:
        queries += _of_many(rows, fine)
    if rollup in _UNFOLDED:
        queries.append(_of_unfolded(rows))
    return queries


class _Rows(NamedTuple):
    """What all parts of a query have in common; `pairs` is empty, or a table of `first` and `second`."""

    table: str
    selection: Selection
    figures: Mapping[str, str]
    where: str
    where_unfolded: str
    pairs: str
    arguments: Arguments

    def source(self, grain: Grain) -> str:
        """From where, with the conditions of the cube and its filters."""
        # Of one dimension, so that the index of its keys is one that serves.
        is_single = " AND key_b = ''" if len(self.selection.dimensions) < 2 else ""
        if grain == "quarter_hour":
            return f"FROM {_QUARTERS[self.table]} WHERE {self.where}{is_single}"
        return f"FROM {self.table} WHERE {self.where}{is_single} AND grain = '{grain}'"

    def of(self, times: Sequence[str], *, is_added: bool = True) -> str:
        """What is told of each row; what is taken off is told below 0."""
        keys = zip(key_columns(self.selection), self.selection.by, strict=True)
        sign = "" if is_added else "-"
        figures = (f"{sign}({figure}) AS {name}" for name, figure in self.figures.items())
        return ", ".join(("currency", *times, *(f"{column} AS {name}" for column, name in keys), *figures))


def _of_piece(rows: _Rows, piece: Piece, only: Collection[Keys] | None) -> str:
    selection, arguments = rows.selection, rows.arguments
    reported = rows.of(_times(selection, piece, arguments), is_added=piece.is_added)
    if piece.grain not in _FINE and (only is None or len(selection.dimensions) > 1):
        # Periods by name: for a range PostgreSQL would step through all keys.
        periods = f"period = ANY ({arguments.add(starts_of(piece, selection.zones.kept))}::timestamptz[])"
    else:
        periods = _between(rows, piece)
    return f"SELECT {reported} {rows.source(piece.grain)} AND {periods}"


def _between(rows: _Rows, piece: Piece) -> str:
    """The periods of a piece: the last one begins by its own length before the end."""
    last = piece.end - _FINE.get(piece.grain, _MOMENT)
    return f"period >= {rows.arguments.add(piece.begin)} AND period <= {rows.arguments.add(last)}"


def _of_fine(rows: _Rows, piece: Piece) -> list[str]:
    """Hours, or quarters, of a piece by the clock: as long as it is not changed it is so far ahead of UTC, which is reckoned in a
    tenth of the time that PostgreSQL takes to look a time zone up for each row."""
    queries, last = [], piece.end - _FINE[piece.grain]
    for clock in clocks_of(piece, rows.selection.zones.shown):
        until = min(clock.end - _MOMENT, last)
        begin, end = rows.arguments.add(clock.begin), rows.arguments.add(until)
        reported = rows.of(_times(rows.selection, piece, rows.arguments, clock.ahead), is_added=piece.is_added)
        queries.append(f"SELECT {reported} {rows.source(piece.grain)} AND period >= {begin} AND period <= {end}")
    return queries


def _of_many(rows: _Rows, pieces: Sequence[Piece]) -> list[str]:
    """The same of many pieces."""
    starts: dict[tuple[Grain, bool, timedelta | None], list[datetime]] = {}
    first: dict[Grain, Piece] = {}
    for piece in pieces:
        first.setdefault(piece.grain, piece)
        for start in starts_of(piece, rows.selection.zones.kept):
            ahead = start.astimezone(rows.selection.zones.shown).utcoffset() if rows.selection.times else None
            starts.setdefault((piece.grain, piece.is_added, ahead), []).append(start)
    queries = []
    for (grain, is_added, ahead), periods in starts.items():
        reported = rows.of(_times(rows.selection, first[grain], rows.arguments, ahead), is_added=is_added)
        named = f"period = ANY ({rows.arguments.add(periods)}::timestamptz[])"
        queries.append(f"SELECT {reported} {rows.source(grain)} AND {named}")
    return queries


def _of_pairs(rows: _Rows, piece: Piece) -> str:
    """Each pair looked up by itself: a join would read all pairs of the period, a hundred times as many.

    The second key is a range, which the primary key alone serves well: for an equal key PostgreSQL would take the index of second keys
    for as good, and read all first keys of each. OFFSET keeps it from being made a join after all.
    """
    arguments = rows.arguments
    key, other = key_columns(rows.selection)
    if piece.grain in _FINE:
        periods, each = "", _between(rows, piece)
    else:
        starts = arguments.add(starts_of(piece, rows.selection.zones.kept))
        periods, each = f"unnest({starts}::timestamptz[]) AS at (start) CROSS JOIN ", "period = start"
    wanted = {key: "first", other: "second"}
    return (
        f"SELECT found.* FROM {periods}{rows.pairs} CROSS JOIN LATERAL (SELECT {rows.of((), is_added=piece.is_added)}"  # noqa: S608 (names of ours)
        f" {rows.source(piece.grain)} AND {each} AND key_a = {wanted['key_a']}"
        f" AND key_b BETWEEN {wanted['key_b']} AND {wanted['key_b']} OFFSET 0) AS found"
    )


def _of_unfolded(rows: _Rows) -> str:
    """What is not rolled up yet, of a view of this cube alone: that of all cubes takes longer to plan than to read."""
    selection, arguments = rows.selection, rows.arguments
    view = f"analytics_unfolded_{cube_of(selection.dimensions).replace('+', '_')}"
    if rows.pairs:
        key, other = key_columns(selection)
        view = f"{view} JOIN {rows.pairs} ON {key} = first AND {other} = second"
    reported = rows.of(_times(selection, None, arguments))
    begin, end = arguments.add(selection.begin), arguments.add(selection.end)
    return f"SELECT {reported} FROM {view} WHERE {rows.where_unfolded} AND minute >= {begin} AND minute < {end}"  # noqa: S608 (names of ours)


def _pairs(selection: Selection, arguments: Arguments, only: Collection[Keys] | None) -> str:
    if only is None or len(selection.by) < 2:
        return ""
    first, second = (f"{arguments.add([keys[place] for keys in only])}::text[]" for place in range(2))
    return f"unnest({first}, {second}) AS wanted (first, second)"


def where_of(
    selection: Selection, arguments: Arguments, only: Collection[Keys] | None = None, cube: str | None = None
) -> str:
    """The conditions that a row is of the cube, its filters and the currency; `only` as in `sum_rollups`."""
    # The cube as it stands, for a plan that reads the one branch of the view that it is of.
    conditions = [f"cube = '{_cube(selection) if cube is None else cube}'"]
    for dimension, value in selection.filters.items():
        place = key_of(selection, dimension)
        if dimension != "flag" or not is_all_variants(value):
            conditions.append(f"{place} = {arguments.add(value)}")
        elif selection.variants:
            # An index finds a key, and not how it begins.
            conditions.append(f"{place} = ANY ({arguments.add(selection.variants)}::text[])")
        else:
            conditions.append(f"starts_with({place}, {arguments.add(value)} || '=')")
    if selection.currency is not None:
        conditions.append(f"currency = {arguments.add(selection.currency)}")
    if only is not None and len(selection.by) == 1:
        wanted = arguments.add([keys[0] for keys in only])
        conditions.append(f"{key_columns(selection)[0]} = ANY ({wanted}::text[])")
    return " AND ".join(conditions)


def _cube(selection: Selection) -> str:
    """The cube that is read: that of all lines together where no category is distinguished from others."""
    if selection.dimensions == {"category"} and not selection.by and not selection.filters:
        return LINES
    return cube_of(selection.dimensions)


def key_columns(selection: Selection) -> list[str]:
    """The columns of what is grouped by."""
    return [key_of(selection, dimension) for dimension in selection.by]


def key_of(selection: Selection, dimension: Dimension) -> str:
    """The column of one of its dimensions."""
    ordered = [each for each in DIMENSIONS if each in selection.dimensions]
    return ("key_a", "key_b")[ordered.index(dimension)]


def is_all_variants(flag: str) -> bool:
    """Whether a filter names a flag without its variant: it is all of them."""
    return flag not in ("", OTHER) and "=" not in flag


def _times(
    selection: Selection, piece: Piece | None, arguments: Arguments, ahead: timedelta | None = None
) -> list[str]:
    """The times of a row of a piece, or of what is not rolled up; `ahead` is by how much the clock that is shown is ahead of UTC,
    where that is known."""
    if not selection.times:
        return []
    if piece is not None and piece.grain == "month_hour":
        return [f"(hour + {arguments.add(hours_apart(piece.begin, selection.zones) % 24)}::integer) % 24 AS hour"]
    if ahead is None:
        zone = f"{arguments.add(selection.zones.shown.key)}::text"
    else:
        zone = f"make_interval(secs => {arguments.add(ahead.total_seconds())}::double precision)"
    local = f"{'minute' if piece is None else 'period'} AT TIME ZONE {zone}"
    reported: dict[TimeOfReport, str] = {
        "day": f"({local})::date AS day",
        "hour": f"date_part('hour', {local})::integer AS hour",
        "weekday": f"date_part('isodow', {local})::integer AS weekday",
    }
    return [reported[time] for time in selection.times]
