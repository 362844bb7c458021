"""`unleash`: the answers that Unleash gives for the same group id (here: salt), stickiness value and variant weights.

Buckets run from 1 to 100, so a percentage is whole. The arm comes from another seed, by the remainder of the weights.

Source: docs/spec/feature-flags.md#bucketing.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import accumulate

from mmh3 import hash as murmur3

from quote_service.pricing.flags.bucketing.deal import OUTSIDE, Bucketing, Deal, everybody

ARM_SEED = 86_028_157
_SHARE_OF_BUCKET = 1000  # thousandths of a percent


def _make_bucket(salt: str) -> Callable[[str], int]:
    prefix = salt + ":"
    return lambda unit: murmur3(prefix + unit, 0, False) % 100 + 1


def _make_deal(salt: str, share: int | None, weights: Sequence[int]) -> Deal:
    prefix = salt + ":"
    buckets_inside = 100 if share is None else share // _SHARE_OF_BUCKET
    last_points = list(accumulate(weights))
    whole_weight = last_points[-1] if last_points else 1

    def deal(unit: str) -> int:
        salted = prefix + unit
        if murmur3(salted, 0, False) % 100 >= buckets_inside:
            return OUTSIDE
        return bisect_left(last_points, murmur3(salted, ARM_SEED, False) % whole_weight + 1) if last_points else 0

    return deal if last_points or buckets_inside < 100 else everybody


UNLEASH = Bucketing(_make_deal, _make_bucket, asks_for_named_units=True)
