"""`growthbook-v2`: the answers that GrowthBook gives for the same seed (here: salt), hash value, coverage and weights.

One bucket of 10 000 decides both who is inside and the arm: arm i has the range that starts where the weights before it
end and is `coverage * weight` wide, so a higher coverage widens each range and moves nobody. Bounds are binary floats
there, and so here: it is no amount, and any other rounding would move a customer who stands on a border.

Source: docs/spec/feature-flags.md#bucketing.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence

from quote_service.pricing.flags.bucketing.deal import OUTSIDE, WHOLE, Bucketing, Deal, everybody

_BUCKETS = 10_000
_OFFSET, _PRIME, _32_BITS = 0x811C9DC5, 0x01000193, 0xFFFFFFFF


def _fnv1a(text: str) -> int:
    """FNV-1a over UTF-16 code units, each as a whole: what a JavaScript string is made of."""
    value = _OFFSET
    units = text.encode("ascii") if text.isascii() else memoryview(text.encode("utf-16-le")).cast("H")
    for unit in units:
        value = (value ^ unit) * _PRIME & _32_BITS
    return value


def _make_bucket(salt: str) -> Callable[[str], int]:
    return lambda unit: _fnv1a(str(_fnv1a(salt + unit))) % _BUCKETS


def _make_deal(salt: str, share: int | None, weights: Sequence[int]) -> Deal:
    bucket = _make_bucket(salt)
    coverage = 1.0 if share is None else share / WHOLE
    if not weights:
        if coverage >= 1:
            return everybody
        # A single outcome counts its border as inside, but for a coverage of nothing.
        buckets_inside = bisect_right(_POINTS, coverage) if coverage else 0
        return lambda unit: 0 if bucket(unit) < buckets_inside else OUTSIDE
    ranges = _bucket_ranges(coverage, weights)

    def deal(unit: str) -> int:
        drawn = bucket(unit)
        for index, (first, end) in enumerate(ranges):
            if first <= drawn < end:
                return index
        return OUTSIDE

    return deal


def _bucket_ranges(coverage: float, weights: Sequence[int]) -> list[tuple[int, int]]:
    """The buckets of each arm, from the first to before the end."""
    whole = sum(weights)
    ranges, reached = [], 0.0
    for weight in weights:
        part = weight / whole
        ranges.append((bisect_left(_POINTS, reached), bisect_left(_POINTS, reached + coverage * part)))
        reached += part
    return ranges


_POINTS = [bucket / _BUCKETS for bucket in range(_BUCKETS)]

GROWTHBOOK_V2 = Bucketing(_make_deal, _make_bucket)
