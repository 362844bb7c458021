"""Prices over time as steps, each in the colour of why it came about.

Source: docs/spec/web.md#prices.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

WIDTH, HEIGHT, TOP, LEFT = 1000, 240, 12, 70
_FLOOR = HEIGHT - 26
# Each has the colour of its place; what is not among them takes one by its order (`reason-…` in charts.css).
_REASONS = ("manual", "campaign", "schedule", "inventory", "import", "intelligence")


class Point(NamedTuple):
    """A price from an instant on: what it is, since when, and why."""

    at: datetime
    price: Any
    reason: str


class Step(NamedTuple):
    """A price while it held; `x2` is where the next begins, `y2` its height."""

    x: float
    x2: float
    y: float
    y2: float
    kind: str
    about: str


class Mark(NamedTuple):
    """A figure beside the axis, or a day below it."""

    at: float
    label: str


class StepsChart(NamedTuple):
    """The drawing; `reasons` are those that occur with their class, `lowest` is a price to draw a line at."""

    steps: tuple[Step, ...]
    reasons: tuple[tuple[str, str], ...]
    prices: tuple[Mark, ...]
    days: tuple[Mark, ...]
    lowest: Mark | None


def steps_chart(
    points: Sequence[Point], until: datetime, lowest: Any = None, *, in_hours: bool = False
) -> StepsChart | None:
    """Steps from the first point until an instant, whose axis tells days, or hours since the first; None where there is none."""
    if not points:
        return None
    ordered = sorted(points, key=lambda point: point.at)
    begin, end = ordered[0].at, max(until, ordered[-1].at + timedelta(hours=1))
    amounts = [Decimal(str(point.price)) for point in ordered]
    if lowest is not None:
        amounts.append(Decimal(str(lowest)))
    low, high = min(amounts), max(amounts)
    room = (high - low) / 10 or max(high, Decimal(1)) / 10
    bottom, top = max(Decimal(0), low - room), high + room

    def x(instant: datetime) -> float:
        return round(LEFT + (instant - begin) / (end - begin) * (WIDTH - LEFT), 1)

    def y(amount: Decimal) -> float:
        return round(TOP + float((top - amount) / (top - bottom)) * (_FLOOR - TOP), 1)

    occurring = sorted({each.reason for each in ordered})
    kinds = {
        reason: f"reason-{_REASONS.index(reason) if reason in _REASONS else index % len(_REASONS)}"
        for index, reason in enumerate(occurring)
    }
    steps = []
    for index, point in enumerate(ordered):
        following = ordered[index + 1] if index + 1 < len(ordered) else None
        height = y(amounts[index])
        steps.append(
            Step(
                x(point.at),
                x(following.at if following else end),
                height,
                y(amounts[index + 1]) if following else height,
                kinds[point.reason],
                f"{point.price} from {point.at:%Y-%m-%d %H:%M} UTC, {point.reason}",
            )
        )
    days = []
    for part in range(4):
        at = begin + (end - begin) * part / 4
        label = f"hour {(at - begin) // timedelta(hours=1)}" if in_hours else _day(at, end - begin)
        days.append(Mark(x(at), label))
    prices = tuple(Mark(y(amount), f"{amount}") for amount in dict.fromkeys((low, high)))
    line = None if lowest is None else Mark(y(Decimal(str(lowest))), str(lowest))
    return StepsChart(tuple(steps), tuple(kinds.items()), prices, tuple(days), line)


def _day(instant: datetime, span: timedelta) -> str:
    if span <= timedelta(days=3):
        return f"{instant:%H:%M} UTC"
    return f"{instant.day} {instant:%b}" + (f" {instant:%Y}" if span > timedelta(days=300) else "")


def instant_of(text: str) -> datetime:
    """An instant of the API."""
    return datetime.fromisoformat(text).astimezone(UTC)
