"""Counts of the quote path: plain ints of this process, which cost next to nothing and are added up when asked for.

Source: spec 9, Telemetry.
"""

from bisect import bisect_left

# Upper bounds in seconds. Quotes take tens of microseconds to a few milliseconds, and 2 s at most.
LATENCY_BOUNDS = (0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0)


class QuoteMeters:
    """`latency_counts` has one entry for each bound and one for what is above them all."""

    __slots__ = ("by_tier", "latency_counts", "latency_seconds", "refusals")

    def __init__(self) -> None:
        self.by_tier: dict[str, int] = {"miss": 0, "local": 0, "redis": 0}
        self.latency_counts = [0] * (len(LATENCY_BOUNDS) + 1)
        self.latency_seconds = 0.0
        self.refusals: dict[int, int] = {}

    def quoted(self, tier: str, seconds: float) -> None:
        """A quote was answered from a tier in so many seconds."""
        self.by_tier[tier] += 1
        self.latency_counts[bisect_left(LATENCY_BOUNDS, seconds)] += 1
        self.latency_seconds += seconds

    def refused(self, status: int) -> None:
        """A request was answered with an error of this status."""
        self.refusals[status] = self.refusals.get(status, 0) + 1
