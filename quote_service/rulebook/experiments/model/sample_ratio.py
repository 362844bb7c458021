"""Whether the arms have as many customers as planned; if not, exposures are lost or doubled and no figure can be trusted.

The Dirichlet-multinomial e-value: customers fall into arms by a hash, independently and with the planned shares, so it may
be looked at as often as one likes.

Source: docs/decisions/experiment-statistics.md.
"""

import math
from collections.abc import Sequence

import msgspec

MISMATCH_LEVEL = 0.001
"""The chance that a mismatch is ever reported where exposures are as planned."""

# What is looked for are small shifts: a prior worth 100 customers finds 51 to 49 in 50 000 exposures, a flat one in 61 000.
_PRIOR_CUSTOMERS = 100


class SampleRatio(msgspec.Struct, frozen=True):
    """How the exposures of all arms compare with the planned shares; `p_value` is valid at every look."""

    p_value: float
    """How likely sizes as far from the plan are where nothing is lost; valid at every look."""
    mismatch: bool
    """Whether the sizes are not those that were planned, so that no figure can be trusted."""


def sample_ratio(exposures: Sequence[int], shares: Sequence[float]) -> SampleRatio:
    """Compare exposures with what was planned.

    Args:
        exposures: By arm, each >= 0.
        shares: The planned share or weight of each arm, > 0; they are divided by their sum.
    """
    whole = sum(shares)
    log_e_value = math.lgamma(_PRIOR_CUSTOMERS) - math.lgamma(_PRIOR_CUSTOMERS + sum(exposures))
    for count, weight in zip(exposures, shares, strict=True):
        share = weight / whole
        prior = _PRIOR_CUSTOMERS * share
        log_e_value += math.lgamma(prior + count) - math.lgamma(prior) - count * math.log(share)
    p_value = math.exp(-max(log_e_value, 0.0))
    return SampleRatio(p_value, p_value <= MISMATCH_LEVEL)
