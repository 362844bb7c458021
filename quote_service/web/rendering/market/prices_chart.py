"""Our price and those of competitors over time, as steps on one scale, with what was decided.

Source: docs/spec/web.md#market.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from quote_service.web.model.names_in_text import name_in_text
from quote_service.web.rendering.market.scale import PriceScale, Tick

WIDTH, HEIGHT, TOP, LEFT, RIGHT = 1000, 320, 14, 72, 992
_FLOOR = HEIGHT - 28
_COLOURS = 6
_SLOTS_MAX = 60


class PricePoint(NamedTuple):
    """A price from an instant on; None while there is none. One that is doubted is drawn, and no scale is made for it."""

    at: datetime
    price: Decimal | None
    doubt: str = ""


class Series(NamedTuple):
    """The prices of one seller; `kind` is the class it is drawn in, `points` are in the order of time."""

    name: str
    kind: str
    points: tuple[PricePoint, ...]


class Event(NamedTuple):
    """Something that happened, and where it is told of."""

    at: datetime
    label: str
    path: str
    kind: str = "decision"


class Line(NamedTuple):
    """A seller as it is drawn: `paths` between gaps, and the places of prices that are doubted."""

    name: str
    kind: str
    paths: tuple[str, ...]
    doubts: tuple[tuple[float, float, str], ...]


class Mark(NamedTuple):
    """An event as it is drawn."""

    x: float
    label: str
    path: str
    kind: str


class Slot(NamedTuple):
    """A part of the time that can be pointed at, and every price in it."""

    x: float
    width: float
    about: str


class PricesChart(NamedTuple):
    """The drawing; `lowest` is the lowest price of 30 days where it lies on the scale."""

    lines: tuple[Line, ...]
    prices: tuple[Tick, ...]
    days: tuple[Tick, ...]
    lowest: Tick | None
    marks: tuple[Mark, ...]
    slots: tuple[Slot, ...]


def rival_kind(index: int) -> str:
    """The class of a competitor by its place: six colours, then the same again dashed, then dotted."""
    dashes = ("", " dashed", " dotted")[min(2, index // _COLOURS)]
    return f"rival-{index % _COLOURS}{dashes}"


def prices_chart(
    series: Sequence[Series],
    begin: datetime,
    end: datetime,
    *,
    lowest: Decimal | None = None,
    events: Sequence[Event] = (),
) -> PricesChart | None:
    """Draw what was asked from an instant until another; None where nobody asked anything."""
    shown = [each._replace(points=_within(each.points, begin, end)) for each in series]
    trusted = [point.price for each in shown for point in each.points if point.price is not None and not point.doubt]
    if not trusted:
        return None
    scale = PriceScale(trusted if lowest is None else [*trusted, lowest], _FLOOR, TOP)
    axis = _Axis(begin, end)
    return PricesChart(
        tuple(_line(each, scale, axis) for each in shown),
        scale.ticks(),
        axis.ticks(),
        None if lowest is None else Tick(scale.at(lowest), f"{lowest}"),
        tuple(Mark(axis.at(each.at), each.label, each.path, each.kind) for each in events if begin <= each.at <= end),
        axis.slots(shown),
    )


class _Axis:
    """The time that is drawn."""

    __slots__ = ("begin", "end")

    def __init__(self, begin: datetime, end: datetime) -> None:
        self.begin, self.end = begin, end

    def at(self, instant: datetime) -> float:
        share = (instant - self.begin) / (self.end - self.begin)
        return round(LEFT + share * (RIGHT - LEFT), 1)

    def ticks(self) -> tuple[Tick, ...]:
        days = max(1, (self.end - self.begin).days)
        step = next((each for each in (1, 2, 7, 14, 30, 60) if days / each <= 8), 90)
        at = self.begin.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        found = []
        while at < self.end and self.at(at) < RIGHT - 25:
            found.append(Tick(self.at(at), f"{at.day} {at:%b}"))
            at += timedelta(days=step)
        return tuple(found)

    def slots(self, series: Sequence[Series]) -> tuple[Slot, ...]:
        span = self.end - self.begin
        count = min(_SLOTS_MAX, max(2, span.days))
        found = []
        for index in range(count):
            until = self.begin + span * (index + 1) / count
            reported = [
                f"{name_in_text(each.name)} {now.price}{' (doubted)' if now.doubt else ''}"
                for each in series
                if (now := _last_before(each.points, until)) is not None and now.price is not None
            ]
            x, right = self.at(self.begin + span * index / count), self.at(until)
            day = until - timedelta(microseconds=1)
            found.append(Slot(x, round(right - x, 1), f"{day.day} {day:%b}: {', '.join(reported) or 'no price'}"))
        return tuple(found)


def _line(series: Series, scale: PriceScale, axis: _Axis) -> Line:
    paths: list[str] = []
    doubts: list[tuple[float, float, str]] = []
    path = ""
    for index, point in enumerate(series.points):
        until = series.points[index + 1].at if index + 1 < len(series.points) else axis.end
        x, x2 = axis.at(point.at), axis.at(until)
        if point.price is None or point.doubt:
            if point.price is not None:
                # Where it would lie; beyond the scale at its edge.
                y = min(max(scale.at(point.price), TOP), _FLOOR)
                doubts.append((x, y, f"{name_in_text(series.name)} {point.price}, doubted: {point.doubt}"))
            if path:
                paths.append(path)
            path = ""
            continue
        y = scale.at(point.price)
        path += f"V{y:g}H{x2:g}" if path else f"M{x:g} {y:g}H{x2:g}"
    if path:
        paths.append(path)
    return Line(series.name, series.kind, tuple(paths), tuple(doubts))


def _within(points: Sequence[PricePoint], begin: datetime, end: datetime) -> tuple[PricePoint, ...]:
    """What held within a time: what began before it begins with it."""
    earlier = _last_before(points, begin)
    inside = [each for each in points if begin <= each.at < end]
    if earlier is not None and not (inside and inside[0].at == begin):
        inside.insert(0, earlier._replace(at=begin))
    return tuple(inside)


def _last_before(points: Sequence[PricePoint], instant: datetime) -> PricePoint | None:
    return next((each for each in reversed(points) if each.at < instant), None)
