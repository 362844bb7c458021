"""Which rollups make up a period: months whole where that is enough, days and hours at its edges, and what of these is too much.

From the 5th to the end of a month is that month less four days, rather than 27 days. Rollups begin by one time zone, and a report
tells time by any: where both clocks are whole hours apart hours are as good for either, and quarters of an hour are for all.

Source: docs/spec/analytics.md#time.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from quote_service.steering.analytics.model.cubes import Grain
from quote_service.steering.analytics.model.reports.times import (
    DAY,
    HOUR,
    QUARTER_HOUR,
    Border,
    ceil_to,
    day_of,
    days_between,
    floor_to,
    kept_at,
)

#: How finely time is distinguished: not at all (with weeks and quarters for what is ranked), by day (or weekday), by the hour of the day, by day and hour.
Resolution = Literal["whole", "ranked", "day", "hour_of_day", "hour"]

#: The grains of each, and how many rows a key has of one period. What is ranked has all keys, of which longer periods have more.
_GRAINS: Final[Mapping[Resolution, Mapping[Grain, float]]] = {
    "whole": {"month": 1, "day": 1, "hour": 1, "quarter_hour": 1},
    "ranked": {"quarter": 3.3, "month": 3, "week": 2.2, "day": 1, "hour": 0.2, "quarter_hour": 0.1},
    "day": {"day": 1, "hour": 1, "quarter_hour": 1},
    "hour_of_day": {"month_hour": 24, "hour": 1, "quarter_hour": 1},
    "hour": {"hour": 1, "quarter_hour": 1},
}
_NOTHING: Final = timedelta()
_MOMENT: Final = timedelta(microseconds=1)
_BORDERS: Final[Mapping[Grain, Border]] = {
    "quarter": "quarter",
    "month": "month",
    "month_hour": "month",
    "week": "week",
    "day": "day",
    "hour": "hour",
    "quarter_hour": "quarter_hour",
}


class Zones(NamedTuple):
    """By which clock a report tells time, and its rollups were made.

    Attributes:
        shown: Whose days and hours are told.
        kept: By which days and hours of rollups begin.
        quarters_since: Quarters of an hour are whole in hours that begin then or later; None where they always were.
    """

    shown: ZoneInfo
    kept: ZoneInfo
    quarters_since: datetime | None = None


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
    begin: datetime,
    end: datetime,
    resolution: Resolution,
    zones: Zones,
    *,
    is_open: bool,
    only_added: bool = False,
) -> tuple[Piece, ...]:
    """The pieces of a period: those of the fewest rows.

    Args:
        begin: A whole quarter of an hour.
        end: Likewise, or the present.
        resolution: How finely time is distinguished.
        zones: By which clock, and by which its rollups begin.
        is_open: The end is the present: nothing is later, so that the month (for what is ranked the quarter) that runs is whole already.
        only_added: Nothing is taken off: the pieces meet, and do not overlap.
    """
    pieces = _exact_pieces(begin, end, resolution, zones, is_open=is_open, only_added=only_added)
    since = zones.quarters_since
    if since is None:
        return tuple(pieces)
    return tuple(each for piece in pieces for each in _without_quarters(piece, since, zones.kept))


def needs_quarters_before(
    begin: datetime, end: datetime, resolution: Resolution, zones: Zones, *, is_open: bool
) -> bool:
    """Whether some of a period would take quarters of an hour that are incomplete."""
    if zones.quarters_since is None:
        return False
    exact = _exact_pieces(begin, end, resolution, zones, is_open=is_open, only_added=True)
    return list(exact) != list(pieces_of(begin, end, resolution, zones, is_open=is_open, only_added=True))


def _exact_pieces(
    begin: datetime, end: datetime, resolution: Resolution, zones: Zones, *, is_open: bool, only_added: bool
) -> list[Piece]:
    last, kept = end, zones.kept
    if is_open:
        last = ceil_to("quarter" if resolution == "ranked" else "month", end, kept)
    rows = _GRAINS[resolution]
    if resolution in ("whole", "ranked"):
        return _Cover(rows, kept, only_added=only_added).of(begin, last, list(rows))
    if zones.shown != kept:
        # What is taken off would be told by another clock where one of both is changed in between.
        only_added = True
        last = max(begin, ceil_to("hour", end, kept)) if is_open else end
    pieces: list[Piece] = []
    for since, until, apart in _apart(begin, last, zones):
        is_complete = apart % HOUR == _NOTHING
        if not is_complete and resolution != "day":
            pieces.append(Piece("quarter_hour", since, until))
        elif not is_complete:
            pieces += _around_midnights(since, until, zones)
        else:
            left_out: set[Grain] = set() if apart == _NOTHING else {"day"}
            if _changes_within_hours(since, until, kept):
                left_out.add("month_hour")
            cover = _Cover(rows, kept, only_added=only_added, shows_hours=resolution != "day")
            pieces += cover.of(since, until, [grain for grain in rows if grain not in left_out])
    return pieces


def _around_midnights(begin: datetime, end: datetime, zones: Zones) -> Iterator[Piece]:
    """Local days of another clock, each of whole hours and of quarters at its edges; an hour in two days is in neither."""
    cover, at = _Cover(_GRAINS["day"], zones.kept, only_added=True), begin
    while at < end:
        until = min(ceil_to("day", at + _MOMENT, zones.shown), end)
        yield from cover.of(at, until, ["hour", "quarter_hour"])
        at = until


def _without_quarters(piece: Piece, since: datetime, kept: ZoneInfo) -> Iterator[Piece]:
    """A piece, with hours for quarters before `since`: those that begin in it."""
    if piece.grain != "quarter_hour":
        yield piece
        return
    # The hour in which quarters begin to be whole has none before.
    first = min(max(piece.begin, ceil_to("hour", since, kept)), piece.end)
    begin, end = ceil_to("hour", piece.begin, kept), ceil_to("hour", first, kept)
    if piece.begin < first and begin < end:
        yield piece._replace(grain="hour", begin=begin, end=end)
    if first < piece.end:
        yield piece._replace(begin=first)


def _apart(begin: datetime, end: datetime, zones: Zones) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """A period in parts in which what is shown is so far ahead of what is kept throughout, in order."""
    if zones.shown == zones.kept:
        yield begin, end, _NOTHING
        return
    whole = Piece("hour", begin, end)
    changes = {clock.begin for zone in (zones.shown, zones.kept) for clock in clocks_of(whole, zone)}
    since, apart = begin, _apart_at(begin, zones)
    for at in sorted(changes):
        if _apart_at(at, zones) != apart:
            yield since, at, apart
            since, apart = at, _apart_at(at, zones)
    if since < end:
        yield since, end, apart


def _apart_at(instant: datetime, zones: Zones) -> timedelta:
    return _ahead(instant, zones.shown) - _ahead(instant, zones.kept)


def hours_apart(instant: datetime, zones: Zones) -> int:
    """How many hours the clock that is shown is ahead of the one that rollups are kept by; they are whole hours apart."""
    return _apart_at(instant, zones) // HOUR


def starts_of(piece: Piece, zone: ZoneInfo) -> list[datetime]:
    """Where PostgreSQL keeps the periods of a piece, in order."""
    border, starts, at = _BORDERS[piece.grain], [], piece.begin
    while at < piece.end:
        if border in ("hour", "quarter_hour"):
            starts.append(at)
            at += HOUR if border == "hour" else QUARTER_HOUR
        else:
            starts.append(kept_at(day_of(at, zone), zone))
            at = ceil_to(border, at + _MOMENT, zone)
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


def _changes_within_hours(begin: datetime, end: datetime, zone: ZoneInfo) -> list[datetime]:
    """When its clock is moved by a part of an hour, where the half hour after it is part of a period."""
    clocks = clocks_of(Piece("hour", begin - HOUR, end), zone)
    return [after.begin for before, after in pairwise(clocks) if (after.ahead - before.ahead) % HOUR]


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

    def __init__(
        self, rows: Mapping[Grain, float], zone: ZoneInfo, *, only_added: bool, shows_hours: bool = False
    ) -> None:
        self._rows = rows
        self._zone = zone
        self._only_added = only_added
        self._shows_hours = shows_hours

    def of(self, begin: datetime, end: datetime, grains: Sequence[Grain]) -> list[Piece]:
        """Pieces of these grains, of which each consists of those after it."""
        if begin >= end:
            return []
        grain, *finer = grains
        if not finer:
            return [Piece(grain, begin, end)]
        if grain == "hour":
            return self._hours(begin, end)
        return self._of(begin, end, grains)

    def _hours(self, begin: datetime, end: datetime) -> list[Piece]:
        """Where clocks move by half an hour, PostgreSQL keeps the half hour after it with an hour that would begin half an hour before."""
        pieces, at = list[Piece](), begin
        for changed in _changes_within_hours(begin, end, self._zone):
            until = ceil_to("hour", changed + _MOMENT, self._zone)
            pieces += self._of(at, min(changed, end), ["hour", "quarter_hour"])
            if at <= changed and until <= end and not self._shows_hours:
                pieces.append(Piece("hour", until - HOUR, until))
            elif max(at, changed) < min(until, end):
                pieces.append(Piece("quarter_hour", max(at, changed), min(until, end)))
            at = max(at, until)
        return [*pieces, *self._of(at, end, ["hour", "quarter_hour"])]

    def _of(self, begin: datetime, end: datetime, grains: Sequence[Grain]) -> list[Piece]:
        if begin >= end:
            return []
        grain = grains[0]
        border = _BORDERS[grain]
        first = ceil_to(border, begin, self._zone)
        # An hour ends where clocks are moved by half an hour, though the next one is said to have begun before that.
        last = end if ceil_to(border, end - _MOMENT, self._zone) == end else floor_to(border, end, self._zone)
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
        if piece.grain in ("hour", "quarter_hour"):
            return (piece.end - piece.begin) / (HOUR if piece.grain == "hour" else QUARTER_HOUR)
        if piece.grain == "day":
            return days_between(piece.begin, piece.end, self._zone)
        return len(starts_of(piece, self._zone))
