"""A timeline as one drawing: a line for each rule, a bar for each version while it counts, and a mark at now.

Source: docs/spec/web.md#timeline.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from quote_service.web.model.timeline import Lane, Segment, Window
from quote_service.web.rendering.texts import amount_text

WIDTH, LABELS, LANE, TOP = 1000, 230, 34, 26
_CHARACTER = 6.4  # of the text within bars
_FIGURES = ("base_fee", "rate", "value", "fee", "multiplier", "min_subtotal", "code", "max_percent")
_TICK_DAYS = (1, 2, 7, 14, 30, 90, 180, 365)
_TICKS_MAX = 9


class ChartBar(NamedTuple):
    """A version while it counts; `text` is empty where it would not fit."""

    object_id: str
    x: float
    width: float
    text: str
    about: str
    is_later: bool


class ChartLane(NamedTuple):
    """A line of the chart; a heading where it has no bars of its own."""

    y: int
    label: str
    about: str
    bars: tuple[ChartBar, ...]
    is_heading: bool = False


class Tick(NamedTuple):
    """A day on the axis."""

    x: float
    label: str


class TimelineChart(NamedTuple):
    """Everything that is drawn; `now` is None where it lies outside."""

    lanes: tuple[ChartLane, ...]
    ticks: tuple[Tick, ...]
    now: float | None
    height: int


def timeline_chart(groups: Iterable[tuple[str, Iterable[Lane]]], window: Window, now: datetime) -> TimelineChart:
    """The drawing of lanes in groups, each under its name (none for an empty one)."""
    lanes: list[ChartLane] = []
    y = TOP
    for name, members in groups:
        if name:
            lanes.append(ChartLane(y, name, "", (), True))
            y += LANE - 8
        for lane in members:
            bars = tuple(_bar(segment, window, now) for segment in lane.segments)
            lanes.append(ChartLane(y, _cut(lane.label, 30), _cut(lane.about, 36), bars))
            y += LANE
    at = _x(now, window) if window.start <= now <= window.end else None
    return TimelineChart(tuple(lanes), tuple(_ticks(window)), at, y + 8)


def _bar(segment: Segment, window: Window, now: datetime) -> ChartBar:
    start, end = _x(segment.start, window), _x(segment.end, window)
    version = segment.document
    figure = _figure(version)
    text = " · ".join(part for part in (f"v{version['version']}" if "name" in version else "", figure) if part)
    begins = "before" if segment.begins_before else f"{segment.start:%Y-%m-%d %H:%M} UTC"
    ends = "open" if segment.is_cut else f"{segment.end:%Y-%m-%d %H:%M} UTC"
    width = max(2.0, round(end - start, 1))
    is_room = len(text) * _CHARACTER + 10 <= width
    return ChartBar(
        str(version["id"]), start, width, text if is_room else "", f"{text}: {begins} to {ends}", segment.start > now
    )


def _figure(version: Mapping[str, Any]) -> str:
    """What the version says first: a fee, a rate, a code."""
    if "commission_type" in version:
        rate = version.get("rate")
        return (
            "tiered"
            if rate is None
            else f"{amount_text(rate)}{' %' if version['commission_type'] == 'PERCENTAGE' else ''}"
        )
    configuration = version.get("configuration") or {}
    name = next((name for name in _FIGURES if configuration.get(name) is not None), "")
    if not name:
        return ""
    value = configuration[name]
    is_percent = name in ("rate", "max_percent") or (name == "value" and configuration.get("kind") == "percent")
    return f"{value if isinstance(value, str) else amount_text(value)}{' %' if is_percent else ''}"


def _x(instant: datetime, window: Window) -> float:
    share = (instant - window.start) / (window.end - window.start)
    return round(LABELS + share * (WIDTH - LABELS), 1)


def _ticks(window: Window) -> Iterable[Tick]:
    days = (window.end - window.start).days or 1
    step = next((step for step in _TICK_DAYS if days / step <= _TICKS_MAX), _TICK_DAYS[-1])
    at = window.start.replace(hour=0, minute=0, second=0, microsecond=0)
    while at <= window.end:
        if at >= window.start and _x(at, window) < WIDTH - 30:
            yield Tick(_x(at, window), f"{at.day} {at:%b}")
        at += timedelta(days=step)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
