"""Which bucket a unit falls in, by the algorithm stored on the flag, so that it can never change under a customer.

`mm3-v1`: the upper half of a 64-bit product spreads a 32-bit hash over any range without division or float; a higher
threshold only ever adds units, and the variant comes from another seed, so it does not move with the percentage.

Source: spec 6, Bucketing.
"""

import mmh3

BUCKETS = 100_000  # thousandths of a percent
_VARIANT_SEED = 86_028_157


def rollout_bucket(salt_and_unit: str) -> int:
    """The bucket 0..99 999 of `salt:unit`; inside when it is below the percentage in thousandths."""
    return mmh3.hash(salt_and_unit, 0, False) * BUCKETS >> 32


def variant_point(salt_and_unit: str, whole_weight: int) -> int:
    """A point 0..whole_weight-1; the variant is the first whose cumulative weight is above it."""
    return mmh3.hash(salt_and_unit, _VARIANT_SEED, False) * whole_weight >> 32
