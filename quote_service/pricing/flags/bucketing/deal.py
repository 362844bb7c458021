"""The shape that every algorithm has.

Source: docs/spec/feature-flags.md#bucketing.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

#: What a deal answers for a unit that is not inside: the last place of a list of outcomes.
OUTSIDE: Final = -1
#: A whole, in thousandths of a percent: shares are given in these.
WHOLE: Final = 100_000

#: From a unit to the place of its arm, 0 where there is but one outcome, or OUTSIDE.
Deal = Callable[[str], int]


class Bucketing(NamedTuple):
    """An algorithm.

    Attributes:
        make_deal: From the salt, the share inside in thousandths of a percent (None: everybody) and the integer weights
            of the arms (none: there is but one outcome) to the deal. At least one weight is above 0.
        asks_for_named_units: Whether somebody without the attribute that `stickiness` names is outside even where everybody
            is inside, as in the systems whose answers are reproduced.
        make_bucket: From the salt to the function that tells the bucket which a unit falls in, as the algorithm counts.
    """

    make_deal: Callable[[str, int | None, Sequence[int]], Deal]
    make_bucket: Callable[[str], Callable[[str], int]]
    asks_for_named_units: bool


def everybody(unit: str) -> int:
    """The deal of a rollout that leaves nobody out and has one outcome."""
    return 0
