"""One load on one server: what to send, and what came of it."""

import math
from collections.abc import Sequence

import msgspec


class Mix(msgspec.Struct, frozen=True):
    """What is sent: baskets of so many lines; `different` of them in turns, or ever others when it is 0."""

    name: str
    lines: int = 1
    different: int = 0


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What a generator saw. `refused` are answers other than 200, `broken` connections that failed."""

    requests: int
    seconds: float
    p50_us: float
    p99_us: float
    max_us: float
    refused: int = 0
    broken: int = 0

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds if self.seconds else 0.0

    @property
    def errors(self) -> int:
        return self.refused + self.broken


def percentile(ascending: Sequence[float], percent: float) -> float:
    """The smallest value that at least so many percent of all do not exceed; 0 of nothing."""
    if not ascending:
        return 0.0
    rank = math.ceil(len(ascending) * percent / 100)
    return ascending[min(max(rank, 1), len(ascending)) - 1]


def load_of(latencies_us: Sequence[float], seconds: float, *, refused: int, broken: int) -> Load:
    """Sum up the latencies of all answers, refused ones too."""
    ascending = sorted(latencies_us)
    return Load(
        requests=len(ascending),
        seconds=seconds,
        p50_us=percentile(ascending, 50),
        p99_us=percentile(ascending, 99),
        max_us=ascending[-1] if ascending else 0.0,
        refused=refused,
        broken=broken,
    )
