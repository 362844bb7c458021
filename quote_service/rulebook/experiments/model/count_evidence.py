"""Evidence that one arm has more events than its share, which may be looked at as often as one likes.

Whoever has an event was put into an arm by a hash, whatever came of it. So where an event is at most `tolerance` times as
frequent in the arm in question as in the other, each one falls into it with a probability of at most `p`, one after
another and independently. Against that stand all larger probabilities, equally weighted:

    E = integral over q in (p, 1) of (q / p)^more * ((1 - q) / (1 - p))^fewer dq / (1 - p)

That is a Beta-Binomial likelihood ratio with a truncated Beta(1, 1). While nothing is worse than tolerated, E is a
supermartingale that begins at 1, so it ever reaches 1 / level with a probability of at most `level` (Ville's inequality).
No variance is estimated and nothing is approximated, however rare the events are.

Source: docs/decisions/experiment-statistics.md.
"""

import math

_NEGLIGIBLE = 1e-17


def log_excess_evidence(more: int, fewer: int, *, share: float, tolerance: float) -> float:
    """The natural logarithm of the e-value for more events than tolerated.

    Args:
        more: Events in the arm that may have too many, >= 0.
        fewer: Events in the other, >= 0.
        share: The planned share of that arm in the exposures of both, in (0, 1).
        tolerance: How many times as frequent events may be there as in the other, > 0.

    Returns:
        0 without events. From ln(1 / level) on there is harm at that level.
    """
    p = tolerance * share / (tolerance * share + 1 - share)
    events = more + fewer
    if more <= (events + 2) * p:
        # The integral as a sum of binomial probabilities, each relative to that of `more`: they only fall from there down.
        return math.log(_falling_sum(more, events + 1, p)) - math.log(fewer + 1)
    # Otherwise the whole Beta integral, less the part below p.
    ln_p, ln_rest = math.log(p), math.log1p(-p)
    ln_whole = math.lgamma(more + 1) + math.lgamma(fewer + 1) - math.lgamma(events + 2)
    ln_first = -ln_whole - math.log(more + 1) + (more + 1) * ln_p + fewer * ln_rest
    below = math.exp(ln_first) * _falling_sum(fewer, events + 1, 1 - p)
    return ln_whole + math.log1p(-below) - more * ln_p - (fewer + 1) * ln_rest


def _falling_sum(successes: int, trials: int, p: float) -> float:
    """P(X <= successes) / P(X = successes) of a binomial X, where successes are at most about trials * p."""
    odds = (1 - p) / p
    total = term = 1.0
    for count in range(successes, 0, -1):
        term *= count * odds / (trials - count + 1)
        total += term
        if term < total * _NEGLIGIBLE:
            break
    return total
