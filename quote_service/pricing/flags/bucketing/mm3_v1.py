"""`mm3-v1`, our own: 32 bits of MurmurHash3 spread over a range by multiplication, with no division and no float.

A higher share only ever adds units, and the arm comes from another seed, so it does not move with the share.

    inside: (H3(salt:unit, 0) * 100000) >> 32 < share          arm: (H3(salt:unit, 86028157) * W) >> 32

Both are compared by the hash itself: `h * n >> 32 < k` holds exactly where h is below `k * 2**32 / n`, rounded up.

Source: docs/spec/feature-flags.md#bucketing.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Final

import mmh3

from quote_service.pricing.flags.bucketing.deal import OUTSIDE, WHOLE, Bucketing, Deal, everybody

ARM_SEED: Final = 86_028_157
murmur3: Final = mmh3.hash  # found at once where this is compiled


def _make_bucket(salt: str) -> Callable[[str], int]:
    prefix = salt + ":"
    return lambda unit: murmur3(prefix + unit, 0, False) * WHOLE >> 32


def _make_deal(salt: str, share: int | None, weights: Sequence[int]) -> Deal:
    prefix = salt + ":"
    inside_below = _hash_limit(WHOLE if share is None else share, WHOLE)
    whole_weight = sum(weights)
    arms_below = [_hash_limit(upper, whole_weight) for upper in accumulate(weights)]

    def gate(unit: str) -> int:
        return 0 if murmur3(prefix + unit, 0, False) < inside_below else OUTSIDE

    def arm(unit: str) -> int:
        return bisect_right(arms_below, murmur3(prefix + unit, ARM_SEED, False))

    def gate_and_arm(unit: str) -> int:
        salted = prefix + unit
        if murmur3(salted, 0, False) < inside_below:
            return bisect_right(arms_below, murmur3(salted, ARM_SEED, False))
        return OUTSIDE

    if share is None or share >= WHOLE:
        return arm if weights else everybody
    return gate_and_arm if weights else gate


def _hash_limit(part: int, whole: int) -> int:
    """The hash from which on `hash * whole >> 32` is no longer below the part."""
    return -(-(part << 32) // whole)


MM3_V1 = Bucketing(_make_deal, _make_bucket, asks_for_named_units=False)
