"""Half widths of asymptotic confidence sequences: intervals that hold at all looks at once, not only at one.

A normal mixture over the effects that are possible, one-sided (half-normal) or two-sided, in closed form. It needs
counts that the central limit theorem holds for, which `min_exposures` sees to.

Source: docs/decisions/experiment-statistics.md.
"""

import math

TUNED_FOR = 5_000
"""The count of both arms at which the sequences are about the narrowest; they hold at every other."""


def one_sided_half_width(variance: float, count: int, level: float) -> float:
    """How far an estimate lies below its value at some look with a probability of at most `level`.

    Args:
        variance: The variance of the estimate at this look, >= 0.
        count: The numbers it is made of, both arms together, > 0.
        level: In (0, 0.25].
    """
    return _half_width(variance, count, 2 * level, one_sided=True)


def two_sided_half_width(variance: float, count: int, level: float) -> float:
    """The same for an estimate that may lie on either side; `level` in (0, 0.5]."""
    return _half_width(variance, count, level, one_sided=False)


def _half_width(variance: float, count: int, both_sides: float, *, one_sided: bool) -> float:
    spent = -2 * math.log(both_sides)
    weight = count * (spent + math.log(spent + 1)) / TUNED_FOR
    root = math.sqrt(weight + 1) / both_sides
    return math.sqrt(variance * 2 * (weight + 1) / weight * (math.log1p(root) if one_sided else math.log(root)))
