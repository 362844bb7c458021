"""Which rollups make up a period: months whole where that is enough, and days and hours at its edges.

Source: docs/spec/analytics.md#time.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from quote_service.analytics.words.cubes import Grain
from quote_service.analytics.words.reports.times import DAY, HOUR, Border, ceil_to, floor_to

#: How finely time is told apart: not at all (with weeks and quarters for what is ranked), by day (or weekday), by the hour of the day, by day and hour.
Resolution = Literal["whole", "ranked", "day", "hour_of_day", "hour"]

_GRAINS: Final[Mapping[Resolution, tuple[Grain, ...]]] = {
    "whole": ("month", "day", "hour"),
    "ranked": ("quarter", "month", "week", "day", "hour"),
    "day": ("day", "hour"),
    "hour_of_day": ("month_hour", "hour"),
    "hour": ("hour",),
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
    """Rollups of one grain that begin in a period, whose end is not part of it."""

    grain: Grain
    begin: datetime
    end: datetime


class Clock(NamedTuple):
    """A time in which a zone's clock is `ahead` of UTC throughout; its end is not part of it."""

    begin: datetime
    end: datetime
    ahead: timedelta


def pieces_of(begin: datetime, end: datetime, resolution: Resolution, zone: ZoneInfo, *, is_open: bool) -> list[Piece]:
    """The pieces of a period, in order; they meet and do not overlap.

    Args:
        begin: A whole hour.
        end: A whole hour, or the present.
        resolution: How finely time is told apart.
        zone: Whose months, days and hours they are.
        is_open: The end is the present: nothing is later, so that the month (for what is ranked the quarter) that runs is whole already.
    """
    last = ceil_to("quarter" if resolution == "ranked" else "month", end, zone) if is_open else end
    return _cover(begin, last, _GRAINS[resolution], zone)


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


def _cover(begin: datetime, end: datetime, grains: Sequence[Grain], zone: ZoneInfo) -> list[Piece]:
    if begin >= end:
        return []
    grain, *finer = grains
    if not finer:
        return [Piece(grain, begin, end)]
    first, last = ceil_to(_BORDERS[grain], begin, zone), floor_to(_BORDERS[grain], end, zone)
    if first >= last:
        return _cover(begin, end, finer, zone)
    return [*_cover(begin, first, finer, zone), Piece(grain, first, last), *_cover(last, end, finer, zone)]
