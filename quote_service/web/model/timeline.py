"""What counts when: of the versions of a rule the highest that is active and in its period; each rate in its own.

Source: docs/spec/web.md#timeline; docs/spec/pricing-rules.md#versions.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, NamedTuple

Document = Mapping[str, Any]
# Rates that are alike in all of these are one after another.
_LINE = ("seller_id", "category_id", "logistics_provider", "region", "currency", "priority")


class Window(NamedTuple):
    """A time that is looked at."""

    start: datetime
    end: datetime


class Segment(NamedTuple):
    """A part of the window in which one version counts; `is_cut` says that it goes on past the window's end."""

    document: Document
    start: datetime
    end: datetime
    begins_before: bool
    is_cut: bool


class Lane(NamedTuple):
    """What shares a line: a rule's versions, or rates of the same dimensions."""

    label: str
    about: str
    segments: tuple[Segment, ...]


def rule_lanes(rules: Iterable[Document], window: Window) -> dict[str, list[Lane]]:
    """Rules by type, each with what counts of it in the window; a rule of which nothing does is there all the same."""
    versions: dict[tuple[str, str], list[Document]] = {}
    for rule in rules:
        versions.setdefault((rule["type"], rule["name"]), []).append(rule)
    lanes: dict[str, list[Lane]] = {}
    for (kind, name), held in sorted(versions.items()):
        newest = max(held, key=lambda rule: int(rule["version"]))
        about = " · ".join(text for text in (newest["region"] or "everywhere", newest["currency"]) if text)
        lanes.setdefault(kind, []).append(Lane(name, about, segments_of(held, window)))
    return lanes


def rate_lanes(rates: Iterable[Document], window: Window) -> list[Lane]:
    """Rates by what they are for; those of one line never overlap, but where their priorities differ."""
    lines: dict[tuple[str, ...], list[Document]] = {}
    for rate in rates:
        lines.setdefault(tuple(str(rate.get(name) or "") for name in _LINE), []).append(rate)
    lanes = []
    for key, held in sorted(lines.items()):
        seller, category, provider, region, currency, priority = key
        named = [("seller …" + seller[-8:]) * bool(seller), ("category …" + category[-8:]) * bool(category), provider]
        about = " · ".join(text for text in (region or "everywhere", currency) if text)
        about += f" · priority {priority}" if priority not in ("", "0") else ""
        lanes.append(Lane(", ".join(text for text in named if text) or "all lines", about, segments_of(held, window)))
    return lanes


def segments_of(versions: Sequence[Document], window: Window) -> tuple[Segment, ...]:
    """What counts in the window, one after another: at each instant the highest active version in its period."""
    active = sorted(
        (version for version in versions if version["is_active"]), key=lambda each: int(each["version"]), reverse=True
    )
    periods = [(version, *_period(version)) for version in active]
    ends = {window.start, window.end}
    for _, start, end in periods:
        ends |= {instant for instant in (start, end) if instant is not None and window.start < instant < window.end}
    found: list[Segment] = []
    borders = sorted(ends)
    for start, end in pairwise(borders):
        counting = next((each for each in periods if each[1] <= start and (each[2] is None or each[2] >= end)), None)
        if counting is None:
            continue
        version, begins, stops = counting
        is_cut = end == window.end and (stops is None or stops > window.end)
        if found and found[-1].document is version and found[-1].end == start:
            found[-1] = found[-1]._replace(end=end, is_cut=is_cut)
        else:
            found.append(Segment(version, start, end, start == window.start and begins < start, is_cut))
    return tuple(found)


def counts_at(versions: Sequence[Document], instant: datetime) -> Document | None:
    """The version that counts at an instant; None where none does."""
    for version in sorted(versions, key=lambda each: int(each["version"]), reverse=True):
        start, end = _period(version)
        if version["is_active"] and start <= instant and (end is None or instant < end):
            return version
    return None


def _period(version: Document) -> tuple[datetime, datetime | None]:
    until = version.get("effective_to")
    return instant_of(version["effective_from"]), None if until is None else instant_of(until)


def instant_of(text: str) -> datetime:
    """An instant of the API."""
    return datetime.fromisoformat(text).astimezone(UTC)
