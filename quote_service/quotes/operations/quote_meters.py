"""Counts of the quote path: some 0.2 us a quote, written where they outlive the worker.

Source: docs/spec/operations.md#telemetry.
"""

from bisect import bisect_left
from typing import Final

from quote_service.platform.telemetry.registry import Counter, Derived, Registry
from quote_service.platform.telemetry.request_figures import RequestMeters, labels_of

# Upper bounds in seconds. Quotes take tens of microseconds to a few milliseconds, and 2 s at most.
# The type keeps compiled code from taking the tuple apart, and making fifteen numbers again for each quote.
LATENCY_BOUNDS: Final[tuple[float, ...]] = (
    0.00005,
    0.0001,
    0.0002,
    0.0005,
    0.001,
    0.002,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.0,
)
TIERS = ("miss", "local", "redis")
TIMED_OUT = 504
ROUTE: Final = "/api/v1/quote"
NAME: Final = "quote_duration_seconds"
IN_BATCH: Final = {"request": "batch"}  # many in one request, which is counted as one of another route
_LATENCY = "Time from a quote's body received to its answer ready, by the cache tier that it came from"
_REFUSALS = "Quote requests that were answered with an error, by status"


class QuoteMeters:
    """Quotes by tier and latency, and refusals by status."""

    __slots__ = ("_by_tier", "_by_tier_in_batch", "_cells", "_refusals", "_registry", "_requests", "_timeouts")

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._cells = registry.slot.cells
        self._by_tier = {tier: registry.histogram(NAME, _LATENCY, LATENCY_BOUNDS, {"tier": tier}) for tier in TIERS}
        self._by_tier_in_batch = {
            tier: registry.histogram(NAME, _LATENCY, LATENCY_BOUNDS, {"tier": tier, **IN_BATCH}) for tier in TIERS
        }
        self._requests = RequestMeters(registry)
        tiers = tuple({"tier": tier} for tier in TIERS)
        registry.derived.append(Derived(labels_of("POST", ROUTE, "200"), NAME, LATENCY_BOUNDS, tiers))
        self._refusals: dict[int, Counter] = {}
        self._timeouts = registry.counter("quote_timeouts_total", "Quotes that were not ready in time")
        self._refusals_of(500)  # so that the first mistake is seen as an increase

    def quoted(self, tier: str, seconds: float) -> None:
        """A quote was answered from a tier in so many seconds."""
        buckets, sum_index = self._by_tier[tier]
        cells = self._cells
        cells[buckets[bisect_left(LATENCY_BOUNDS, seconds)]] += 1
        cells[sum_index] += int(seconds * 1_000_000_000)

    def quoted_in_batch(self, tier: str, seconds: float) -> None:
        """One of the quotes of a request for many was there after so many seconds."""
        buckets, sum_index = self._by_tier_in_batch[tier]
        self._cells[buckets[bisect_left(LATENCY_BOUNDS, seconds)]] += 1
        self._cells[sum_index] += int(seconds * 1_000_000_000)

    def request_refused(self, status: int, seconds: float) -> None:
        """A request for one quote was answered with an error of this status."""
        self.refused(status)
        self._requests.observe("POST", ROUTE, str(status), seconds)

    def refused(self, status: int) -> None:
        """A request was answered with an error of this status."""
        self._refusals_of(status).add()
        if status == TIMED_OUT:
            self._timeouts.add()

    def _refusals_of(self, status: int) -> Counter:
        counter = self._refusals.get(status)
        if counter is None:
            labels = {"status": str(status)}
            counter = self._refusals[status] = self._registry.counter("quote_refusals_total", _REFUSALS, labels)
        return counter
