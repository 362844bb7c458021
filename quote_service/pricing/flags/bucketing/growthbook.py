"""`growthbook-v1`, `growthbook-v2`: the answers that GrowthBook gives for the same seed (here: salt), hash value, coverage and
weights, by the `hashVersion` of its rule.

One bucket of 1 000 or 10 000 decides both who is inside and the arm: arm i has the range that starts where the weights before
it end and is `coverage * weight` wide, so a higher coverage widens each range and moves nobody. Bounds are binary floats
there, and so here: it is no amount, and any other rounding would move a customer who stands on a border.

Source: docs/spec/feature-flags.md#bucketing.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence

from quote_service.pricing.flags.bucketing.deal import OUTSIDE, WHOLE, Bucketing, Deal, everybody

_OFFSET, _PRIME, _32_BITS = 0x811C9DC5, 0x01000193, 0xFFFFFFFF
# What GrowthBook takes for a whole although it is not quite one, of weights in this many parts.
_FRACTIONS = (10_000, 100_000, 1_000_000)
_ALMOST_PERCENT = 1

MakeBucket = Callable[[str], Callable[[str], int]]


def _fnv1a(text: str) -> int:
    """FNV-1a over UTF-16 code units, each as a whole: what a JavaScript string is made of."""
    value = _OFFSET
    units = text.encode("ascii") if text.isascii() else memoryview(text.encode("utf-16-le")).cast("H")
    for unit in units:
        value = (value ^ unit) * _PRIME & _32_BITS
    return value


def _first_bucket(salt: str) -> Callable[[str], int]:
    """Of 1 000: its flags are not independent of each other, which is why there is a second version."""
    return lambda unit: _fnv1a(unit + salt) % 1000


def _second_bucket(salt: str) -> Callable[[str], int]:
    """Of 10 000."""
    return lambda unit: _fnv1a(str(_fnv1a(salt + unit))) % 10_000


def _bucketing(make_bucket: MakeBucket, buckets: int) -> Bucketing:
    points = [bucket / buckets for bucket in range(buckets)]

    def make_deal(salt: str, share: int | None, weights: Sequence[int]) -> Deal:
        bucket = make_bucket(salt)
        coverage = 1.0 if share is None else share / WHOLE
        if not weights:
            if coverage >= 1:
                return everybody
            # A single outcome counts its border as inside, but for a coverage of nothing.
            buckets_inside = bisect_right(points, coverage) if coverage else 0
            return lambda unit: 0 if bucket(unit) < buckets_inside else OUTSIDE
        ranges = _bucket_ranges(points, coverage, weights)

        def deal(unit: str) -> int:
            drawn = bucket(unit)
            for index, (first, end) in enumerate(ranges):
                if first <= drawn < end:
                    return index
            return OUTSIDE

        return deal

    return Bucketing(make_deal, make_bucket, asks_for_named_units=True)


def _bucket_ranges(points: list[float], coverage: float, weights: Sequence[int]) -> list[tuple[int, int]]:
    """The buckets of each arm, from the first to before the end."""
    whole = _whole(weights)
    ranges, reached = [], 0.0
    for weight in weights:
        part = weight / whole
        ranges.append((bisect_left(points, reached), bisect_left(points, reached + coverage * part)))
        reached += part
    return ranges


def _whole(weights: Sequence[int]) -> int:
    """What the weights are parts of: their sum, or the power of ten that fractions such as 0.3333 miss by a little.

    GrowthBook leaves such fractions as they are, so that three times 0.3333 leave the last bucket to nobody.
    """
    total = sum(weights)
    near = (whole for whole in _FRACTIONS if abs(total - whole) * 100 <= whole * _ALMOST_PERCENT)
    return next(near, total)


GROWTHBOOK_V1 = _bucketing(_first_bucket, 1000)
GROWTHBOOK_V2 = _bucketing(_second_bucket, 10_000)
