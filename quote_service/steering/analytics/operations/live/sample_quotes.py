"""Quotes of the last two minutes, from the counts that all processes of this server keep.

A sample a second, of some fifty counts of each process: about a hundredth of a percent of a core, whoever looks.

Source: docs/spec/analytics.md#live-figures.
"""

from collections import deque
from itertools import islice, pairwise
from typing import Final, NamedTuple

from quote_service.platform.telemetry.registry import series_key
from quote_service.platform.telemetry.slots import Slots
from quote_service.quotes.operations.quote_meters import IN_BATCH, LATENCY_BOUNDS, NAME, TIERS
from quote_service.steering.analytics.model.live import LiveQuotes

SAMPLE_SECONDS: Final = 1.0
_KEPT = 121
_RECENT, _MINUTE, _STEP = 10, 60, 2
_BUCKETS = len(LATENCY_BOUNDS) + 1
_REFUSALS = 'quote_refusals_total{status="'
_MISS = 0
_MS = 1000


class Sample(NamedTuple):
    """Counts since the start of the service, at an instant of a clock that only runs forward."""

    seconds: float
    tiers: tuple[int, ...]
    buckets: tuple[int, ...]
    refused: int
    failed: int

    @property
    def answered(self) -> int:
        """All quotes."""
        return sum(self.tiers)


class QuoteSamples:
    """The latest samples."""

    __slots__ = ("_places", "_samples", "_slots")

    def __init__(self, slots: Slots) -> None:
        self._slots = list(slots.all())
        self._samples: deque[Sample] = deque(maxlen=_KEPT)
        # Series are only ever added to a slot: where they are is looked for again when there are more.
        self._places: list[tuple[int, _Places]] = [(0, _Places([], [], [])) for _ in self._slots]

    def take(self, seconds: float) -> None:
        """Take the counts as they are at an instant."""
        tiers, buckets, refused, failed = [0] * len(TIERS), [0] * _BUCKETS, 0, 0
        for index, slot in enumerate(self._slots):
            series, places = self._places[index]
            if slot.count != series:
                places = _places_of(slot.names())
                self._places[index] = slot.count, places
            cells = slot.cells
            for cell, tier, bucket in places.quotes:
                count = cells[cell]
                tiers[tier] += count
                buckets[bucket] += count
            refused += sum(cells[cell] for cell in places.refused)
            failed += sum(cells[cell] for cell in places.failed)
        self._samples.append(Sample(seconds, tuple(tiers), tuple(buckets), refused, failed))

    def figures(self) -> LiveQuotes:
        """What they come to."""
        now, recent, minute = self._before(0), self._before(_RECENT), self._before(_MINUTE)
        answered = now.answered - minute.answered
        buckets = [later - earlier for later, earlier in zip(now.buckets, minute.buckets, strict=True)]
        priced = now.tiers[_MISS] - minute.tiers[_MISS]
        steps = list(islice(reversed(self._samples), 0, None, _STEP))[::-1]
        return LiveQuotes(
            per_second=_rate(recent, now),
            answered=answered,
            hit_rate=round(1 - priced / answered, 4) if answered else None,
            p50_ms=time_within(buckets, 0.5),
            p99_ms=time_within(buckets, 0.99),
            refused=now.refused - minute.refused,
            failed=now.failed - minute.failed,
            history=[_rate(one, other) for one, other in pairwise(steps)],
        )

    def _before(self, samples: int) -> Sample:
        if not self._samples:
            return Sample(0.0, (0,) * len(TIERS), (0,) * _BUCKETS, 0, 0)
        return self._samples[max(0, len(self._samples) - 1 - samples)]


def time_within(buckets: list[int], share: float) -> float | None:
    """The time in milliseconds that such a share of answers took at most, even within a bucket; None without an answer.

    Those above all bounds are told as the last bound.
    """
    wanted = sum(buckets) * share
    if not wanted:
        return None
    reached, low = 0, 0.0
    for count, high in zip(buckets, LATENCY_BOUNDS, strict=False):
        if reached + count >= wanted:
            return round((low + (high - low) * (wanted - reached) / count) * _MS, 3)
        reached += count
        low = high
    return low * _MS


class _Places(NamedTuple):
    quotes: list[tuple[int, int, int]]
    refused: list[int]
    failed: list[int]


def _bucket_names() -> dict[str, tuple[int, int]]:
    bounds = [*map(repr, LATENCY_BOUNDS), "+Inf"]
    return {
        series_key(f"{NAME}_bucket", {"tier": tier, **request, "le": bound}): (at, bucket)
        for at, tier in enumerate(TIERS)
        for request in ({}, IN_BATCH)
        for bucket, bound in enumerate(bounds)
    }


_NAMES = _bucket_names()


def _places_of(names: list[str]) -> _Places:
    places = _Places([], [], [])
    for cell, name in enumerate(names):
        if name in _NAMES:
            places.quotes.append((cell, *_NAMES[name]))
        elif name.startswith(_REFUSALS):
            (places.failed if name[len(_REFUSALS)] == "5" else places.refused).append(cell)
    return places


def _rate(earlier: Sample, later: Sample) -> float:
    seconds = later.seconds - earlier.seconds
    return round((later.answered - earlier.answered) / seconds, 1) if seconds > 0 else 0.0
