"""How the difference of an arm from the control came about: its estimate as a line, its interval as a band around it.

Source: docs/spec/web.md#flags.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from quote_service.web.rendering.texts import fixed_text, percent_text

WIDTH, HEIGHT, TOP, LEFT = 1000, 190, 12, 78
_FLOOR = HEIGHT - 26
_DAYS_SHOWN = 3
_LINE = 14


class Moment(NamedTuple):
    """One moment as a person reads it; `x` is where it stands."""

    x: float
    y: float
    at: str
    customers: int
    difference: str
    low: str
    high: str


class AxisMark(NamedTuple):
    """A figure beside the axis, or an instant below it."""

    at: float
    label: str


class DifferencesChart(NamedTuple):
    """The drawing; `is_cut` where intervals of the beginning are wider than what is drawn."""

    arm: str
    band: str
    line: str
    moments: tuple[Moment, ...]
    figures: tuple[AxisMark, ...]
    instants: tuple[AxisMark, ...]
    zero: float
    is_cut: bool


def differences_charts(history: Mapping[str, Any]) -> list[DifferencesChart]:
    """A drawing for each arm but the control of one measure over time; none of an arm with less than two differences."""
    points = history["points"]
    if not points:
        return []
    drawn = (_chart(history["measure"], place, points) for place in range(1, len(points[0]["arms"])))
    return [chart for chart in drawn if chart is not None]


def _chart(measure: str, place: int, points: Sequence[Mapping[str, Any]]) -> DifferencesChart | None:
    known = [point for point in points if point["arms"][place]["difference"] is not None]
    if len(known) < 2:
        return None
    instants = [datetime.fromisoformat(point["at"]).astimezone(UTC) for point in known]
    spans = [_span(point["arms"][place]["difference"]) for point in known]
    # The first intervals are so wide that beside them nothing could be told of the later ones.
    later = spans[len(spans) // 2 :]
    low, high = min(0.0, *(span[0] for span in later)), max(0.0, *(span[2] for span in later))
    room = (high - low) / 12 or 1.0
    bottom, top = low - room, high + room

    def x(instant: datetime) -> float:
        return round(LEFT + (instant - instants[0]) / (instants[-1] - instants[0]) * (WIDTH - LEFT - 8), 1)

    def y(value: float) -> float:
        share = (top - min(max(value, bottom), top)) / (top - bottom)
        return round(TOP + share * (_FLOOR - TOP), 1)

    xs = [x(instant) for instant in instants]
    upper = [f"{at} {y(span[2])}" for at, span in zip(xs, spans, strict=True)]
    lower = [f"{at} {y(span[0])}" for at, span in zip(xs, spans, strict=True)]
    moments = tuple(
        Moment(
            xs[index],
            y(spans[index][1]),
            point["at"],
            sum(point["exposures"]),
            _signed(spans[index][1], measure),
            *(_figure(value, measure) for value in (spans[index][0], spans[index][2])),
        )
        for index, point in enumerate(known)
    )
    # Zero stands in its place; what would stand upon it is left out.
    marks = [0.0, *(value for value in (high, low) if abs(y(value) - y(0.0)) >= _LINE)]
    return DifferencesChart(
        arm=known[0]["arms"][place]["arm"],
        band=f"M{'L'.join((*upper, *reversed(lower)))}Z",
        line=f"M{'L'.join(f'{moment.x} {moment.y}' for moment in moments)}",
        moments=moments,
        figures=tuple(AxisMark(y(value), _figure(value, measure)) for value in marks),
        instants=_instants(instants, x),
        zero=y(0.0),
        is_cut=any(span[0] < bottom or span[2] > top for span in spans),
    )


def _span(difference: Mapping[str, Any]) -> tuple[float, float, float]:
    return float(difference["low"]), float(difference["estimate"]), float(difference["high"])


def _instants(instants: Sequence[datetime], x: Any) -> tuple[AxisMark, ...]:
    span = instants[-1] - instants[0]
    marks = []
    for part in range(4):
        at = instants[0] + span * part / 4
        label = f"{at:%H:%M} UTC" if span.days < _DAYS_SHOWN else f"{at.day} {at:%b}"
        marks.append(AxisMark(x(at), label))
    return tuple(marks)


def _figure(value: float, measure: str) -> str:
    return percent_text(value) if measure == "rate" else fixed_text(value, 2)


def _signed(value: float, measure: str) -> str:
    return f"{'+' if value > 0 else ''}{_figure(value, measure)}"
