"""Rate, errors and duration of every operation: one histogram by method, route and status.

The route is the template that the router matched, never a path, so what callers send makes no series. A route that no
router knows is `unknown`. Where a slot is full, what is new counts under the route `other`.

A quote is not counted here: its own counters are added when the figures are shown (`Derived`), which costs it nothing.

Source: docs/spec/operations.md#metrics.
"""

import time
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Final, NamedTuple

from quote_service.platform.system.traces import SpanIds
from quote_service.platform.telemetry.registry import Derived, Family, Labels, Registry, series_key
from quote_service.platform.telemetry.slots import NoRoomInSlot

NAME: Final = "quote_http_duration_seconds"
MEANING: Final = "Time from a request's head received to its answer sent, by method, route template and status"
# Seconds. All but the last are bounds of a quote's own histogram too, and those of the objectives are among them.
BOUNDS: Final[tuple[float, ...]] = (0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.0, 10.0)
SHOWN_BOUNDS: Final = (*map(repr, BOUNDS), "+Inf")
UNKNOWN_ROUTE: Final = "unknown"
#: Instead of a status where the client had gone before there was one.
GONE: Final = "gone"
_OTHER: Final = "other"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_FAMILY: Final = Family(NAME, MEANING, "histogram", 1_000_000_000)

# The cells of a record: a count of each bucket, the sum in ns, and the latest exemplar.
_BUCKETS: Final = len(BOUNDS) + 1
_SUM: Final = _BUCKETS
_EXEMPLAR: Final = _SUM + 1
_SIGNED: Final = 1 << 63
_MASK: Final = (1 << 64) - 1


class Exemplar(NamedTuple):
    """One request of a histogram that was traced."""

    trace_id: str
    span_id: str
    seconds: float
    at_seconds: float


class Histogram(NamedTuple):
    """One series of the histogram as it is over all workers; buckets count what is theirs alone."""

    labels: Labels
    buckets: list[int]
    sum_ns: int
    exemplar: Exemplar | None


class RequestMeters:
    """Counts the requests of one worker."""

    __slots__ = ("_known", "_other", "_registry")

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._known: dict[tuple[str, str, str], memoryview] = {}
        registry.families.setdefault(NAME, _FAMILY)
        # Now, for when it is wanted there is no room.
        self._other = registry.record(series_key(NAME, labels_of(_OTHER, _OTHER, _OTHER)))

    def observe(self, method: str, route: str, status: str, seconds: float, span: SpanIds | None = None) -> None:
        """A request was answered; `span` is its own where it was traced."""
        cells = self._known.get((method, route, status))
        if cells is None:
            cells = self._cells(method, route, status)
        cells[bisect_left(BOUNDS, seconds)] += 1
        cells[_SUM] += int(seconds * 1_000_000_000)
        if span is not None:
            _note_exemplar(cells, seconds, span)

    def exemplify(self, method: str, route: str, status: str, seconds: float, span: SpanIds) -> None:
        """Keep an exemplar of a request that others count."""
        _note_exemplar(self._cells(method, route, status), seconds, span)

    def exemplify_series(self, key: str, seconds: float, span: SpanIds) -> None:
        """Keep an exemplar of another histogram, by the name of the series; without room for it there is none."""
        with suppress(NoRoomInSlot):
            _note_exemplar(self._registry.record(key), seconds, span)

    def _cells(self, method: str, route: str, status: str) -> memoryview:
        method = method if method in _METHODS else _OTHER
        try:
            cells = self._registry.record(series_key(NAME, labels_of(method, route, status)))
        except NoRoomInSlot:
            return self._other
        self._known[method, route, status] = cells
        return cells


def labels_of(method: str, route: str, status: str) -> dict[str, str]:
    """The labels of one series."""
    return {"method": method, "route": route, "status": status}


def exemplar_of(records: Iterable[memoryview]) -> Exemplar | None:
    """The latest of all workers' exemplars."""
    found = [read for cells in records if (read := _read_exemplar(cells)) is not None]
    return max(found, key=lambda exemplar: exemplar.at_seconds, default=None)


def request_histograms(
    registry: Registry, records: Mapping[str, list[memoryview]], sums: Mapping[str, int]
) -> Iterator[Histogram]:
    """Every series of the histogram over all workers.

    Args:
        registry: Of this worker, which knows what is derived.
        records: The records of all workers by name.
        sums: Every other series over all workers.
    """
    derived = {series_key(NAME, each.labels): each for each in registry.derived}
    for key, found in sorted(records.items()):
        if key.startswith(NAME) and key not in derived:
            buckets = [sum(cells[bucket] for cells in found) for bucket in range(_BUCKETS)]
            yield Histogram(_labels(key), buckets, sum(cells[_SUM] for cells in found), exemplar_of(found))
    for key, each in derived.items():
        yield derive(each, sums, exemplar_of(records.get(key, ())))


def own_histograms(registry: Registry, sums: Mapping[str, int]) -> Iterator[Histogram]:
    """As `request_histograms`, of this worker alone and since its start."""
    derived = {series_key(NAME, each.labels): each for each in registry.derived}
    for key, (cells, base) in list(registry.records.items()):
        if key.startswith(NAME) and key not in derived:
            counts = [cells[cell] - base[cell] for cell in range(_SUM + 1)]
            yield Histogram(_labels(key), counts[:_BUCKETS], counts[_SUM], exemplar_of((cells,)))
    for key, each in derived.items():
        kept = registry.records.get(key)
        yield derive(each, sums, exemplar_of((kept[0],)) if kept is not None else None)


def derive(derived: Derived, sums: Mapping[str, int], exemplar: Exemplar | None) -> Histogram:
    """Work a series out of those that others count."""

    def summed(suffix: str, more: Labels) -> int:
        name = derived.name + suffix
        return sum(sums.get(series_key(name, {**labels, **more}), 0) for labels in derived.counted)

    buckets = [0] * _BUCKETS
    for bound in (*derived.bounds, float("inf")):
        shown = "+Inf" if bound == float("inf") else repr(bound)
        buckets[bisect_left(BOUNDS, bound)] += summed("_bucket", {"le": shown})
    return Histogram(derived.labels, buckets, summed("_sum", {}), exemplar)


def _labels(key: str) -> dict[str, str]:
    """The labels of a record; none of ours holds a quotation mark or a comma."""
    pairs = (pair.partition("=") for pair in key[len(NAME) + 1 : -1].split(","))
    return {name: value.strip('"') for name, _, value in pairs}


def _note_exemplar(cells: memoryview, seconds: float, span: SpanIds) -> None:
    # The instant says that the rest is complete: 0 while it is written, for another process may be reading.
    cells[_EXEMPLAR] = 0
    halves = (span.trace_id >> 64, span.trace_id & _MASK, span.span_id)
    for place, half in enumerate(halves, start=_EXEMPLAR + 1):
        cells[place] = half - (1 << 64) if half >= _SIGNED else half
    cells[_EXEMPLAR + 4] = int(seconds * 1_000_000_000)
    cells[_EXEMPLAR] = time.time_ns() // 1_000_000


def _read_exemplar(cells: memoryview) -> Exemplar | None:
    at_ms, *halves, nanoseconds = cells[_EXEMPLAR : _EXEMPLAR + 5]
    if not at_ms or cells[_EXEMPLAR] != at_ms:
        return None
    high, low, span_id = (half & _MASK for half in halves)
    return Exemplar(f"{high:016x}{low:016x}", f"{span_id:016x}", nanoseconds / 1_000_000_000, at_ms / 1000)
