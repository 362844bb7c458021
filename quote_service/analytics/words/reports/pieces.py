"""Which rollups make up a period: months whole where that is enough, days and hours at its edges, and what of these is too much.

From the 5th to the end of a month is that month less four days, rather than 27 days.

Source: docs/spec/analytics.md#time.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from quote_service.analytics.words.cubes import Grain
from quote_service.analytics.words.reports.times import DAY, HOUR, Border, ceil_to, days_between, floor_to

#: How finely time is told apart: not at all (with weeks and quarters for what is ranked), by day (or weekday), by the hour of the day, by day and hour.
Resolution = Literal["whole", "ranked", "day", "hour_of_day", "hour"]

#: The grains of each, and how many rows a key has of one period. What is ranked has all keys, of which longer periods have more.
_GRAINS: Final[Mapping[Resolution, Mapping[Grain, float]]] = {
    "whole": {"month": 1, "day": 1, "hour": 1},
    "ranked": {"quarter": 3.3, "month": 3, "week": 2.2, "day": 1, "hour": 0.2},
    "day": {"day": 1, "hour": 1},
    "hour_of_day": {"month_hour": 24, "hour": 1},
    "hour": {"hour": 1},
}
_MOMENT: Final = timedelta(microseconds=1)
_BORDERS: Final[Mapping[Grain, Border]] = {
    "quarter": "quarter",
    "month": "month",
    "month_hour": "month",
    "week": "week",
    "day": "day",
    "hour": "hour",
}


class Piece(NamedTuple):
    """Rollups of one grain that begin in a period, whose end is not part of it.

    Attributes:
        grain: Of the rollups.
        begin: Where the first begins.
        end: Where the last ends.
        is_added: Otherwise it is taken off, since others have too much.
    """

    grain: Grain
    begin: datetime
    end: datetime
    is_added: bool = True


class Clock(NamedTuple):
    """A time in which a zone's clock is `ahead` of UTC throughout; its end is not part of it."""

    begin: datetime
    end: datetime
    ahead: timedelta


@lru_cache(maxsize=256)
def pieces_of(
    begin: datetime, end: datetime, resolution: Resolution, zone: ZoneInfo, *, is_open: bool, only_added: bool = False
) -> tuple[Piece, ...]:
    """The pieces of a period: those of the fewest rows.

    Args:
        begin: A whole hour.
        end: A whole hour, or the present.
        resolution: How finely time is told apart.
        zone: Whose months, days and hours they are.
        is_open: The end is the present: nothing is later, so that the month (for what is ranked the quarter) that runs is whole already.
        only_added: Nothing is taken off: the pieces meet, and do not overlap.
    """
    last = ceil_to("quarter" if resolution == "ranked" else "month", end, zone) if is_open else end
    rows = _GRAINS[resolution]
    return tuple(_Cover(rows, zone, only_added=only_added).of(begin, last, list(rows)))


def starts_of(piece: Piece, zone: ZoneInfo) -> list[datetime]:
    """Where the periods of a piece begin, in order.

    Where clocks move by half an hour, hours overlap: what is within the half after it is kept where its local hour would begin.
    """
    border, starts, at = _BORDERS[piece.grain], [], piece.begin
    while at < piece.end:
        starts.append(at)
        at = floor_to("hour", at + HOUR, zone) if border == "hour" else ceil_to(border, at + _MOMENT, zone)
    return starts


def clocks_of(piece: Piece, zone: ZoneInfo) -> list[Clock]:
    """A piece in parts in which the zone's clock is not changed, in order."""
    clocks, begin = list[Clock](), piece.begin
    while begin < piece.end:
        ahead = _ahead(begin, zone)
        until = begin
        while until < piece.end and _ahead(until, zone) == ahead:
            until = min(until + DAY, piece.end)
        if _ahead(until, zone) != ahead:
            until = _changed_at(until - DAY, until, zone)
        clocks.append(Clock(begin, until, ahead))
        begin = until
    return clocks


def _changed_at(begin: datetime, end: datetime, zone: ZoneInfo) -> datetime:
    """The second in which the clock is changed, of a time in which it is once."""
    ahead = _ahead(begin, zone)
    before, after = 0, int((end - begin).total_seconds())
    while after - before > 1:
        middle = (before + after) // 2
        if _ahead(begin + timedelta(seconds=middle), zone) == ahead:
            before = middle
        else:
            after = middle
    return begin + timedelta(seconds=after)


def _ahead(instant: datetime, zone: ZoneInfo) -> timedelta:
    ahead = instant.astimezone(zone).utcoffset()
    assert ahead is not None
    return ahead


class _Cover:
    """Covers periods with pieces."""

    def __init__(self, rows: Mapping[Grain, float], zone: ZoneInfo, *, only_added: bool) -> None:
        self._rows = rows
        self._zone = zone
        self._only_added = only_added

    def of(self, begin: datetime, end: datetime, grains: Sequence[Grain]) -> list[Piece]:
        """Pieces of these grains, of which each consists of those after it."""
        if begin >= end:
            return []
        grain, *finer = grains
        if not finer:
            return [Piece(grain, begin, end)]
        first, last = ceil_to(_BORDERS[grain], begin, self._zone), floor_to(_BORDERS[grain], end, self._zone)
        if first > last:
            return self._within(begin, end, grains)
        whole = [Piece(grain, first, last)] if first < last else []
        return [*self._within(begin, first, grains), *whole, *self._within(last, end, grains)]

    def _within(self, begin: datetime, end: datetime, grains: Sequence[Grain]) -> list[Piece]:
        """A part of one period of the first of the grains: of the others, or the whole less what is too much."""
        grain, *finer = grains
        parts = self.of(begin, end, finer)
        if self._only_added or not parts:
            return parts
        first, last = floor_to(_BORDERS[grain], begin, self._zone), ceil_to(_BORDERS[grain], end, self._zone)
        too_much = [*self.of(first, begin, finer), *self.of(end, last, finer)]
        less = [Piece(grain, first, last), *(each._replace(is_added=not each.is_added) for each in too_much)]
        return min(parts, less, key=self._count)

    def _count(self, pieces: Sequence[Piece]) -> float:
        return sum(self._rows[piece.grain] * self._many(piece) for piece in pieces)

    def _many(self, piece: Piece) -> float:
        if piece.grain == "hour":
            return (piece.end - piece.begin) / HOUR
        if piece.grain == "day":
            return days_between(piece.begin, piece.end, self._zone)
        return len(starts_of(piece, self._zone))
