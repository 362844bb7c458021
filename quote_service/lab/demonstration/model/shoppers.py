"""How shoppers of the market choose between our offer, rivals' offers, and buying nothing: a logit of two crowds.

One crowd minds prices much, the other little. Neither the crowds nor the form are those of the models that are judged: elasticities
grow with the price, and depend on what rivals ask.

Source: docs/spec/demonstration.md#shoppers; McFadden (1974), Conditional Logit Analysis of Qualitative Choice Behavior.
"""

from collections.abc import Sequence
from math import exp
from typing import Final

import msgspec

# The share of a crowd, and how much it minds prices: five equal parts of a lognormal distribution (0.7), in their middles.
_CROWDS: Final = ((0.2, 0.41), (0.2, 0.69), (0.2, 1.0), (0.2, 1.44), (0.2, 2.45))
# What draws to us and to each rival, against buying nothing.
_OURS, _THEIRS = -3.1, -3.1
_HALVINGS: Final = 60


class Shoppers(msgspec.Struct, frozen=True):
    """The shoppers of one product, who are used to a price."""

    usual_minor: int
    sensitivity: float

    def share(self, price_minor: int, rivals_minor: Sequence[int], drawn_by_promotion: float = 0.0) -> float:
        """The share of those who come that buy of us, between 0 and 1."""
        return sum(
            weight * self._share(times, price_minor, rivals_minor, drawn_by_promotion) for weight, times in _CROWDS
        )

    def elasticity(self, price_minor: int, rivals_minor: Sequence[int]) -> float:
        """The percent by which the share changes when our price rises by one percent."""
        bought = answered = 0.0
        for weight, times in _CROWDS:
            share = self._share(times, price_minor, rivals_minor, 0.0)
            bought += weight * share
            answered -= weight * share * (1 - share) * self.sensitivity * times * price_minor / self.usual_minor
        return answered / bought

    def _share(self, times: float, price_minor: int, rivals_minor: Sequence[int], drawn: float) -> float:
        minds = self.sensitivity * times
        ours = exp(_OURS + drawn - minds * (price_minor / self.usual_minor - 1))
        theirs = sum(exp(_THEIRS - minds * (rival / self.usual_minor - 1)) for rival in rivals_minor)
        return ours / (1 + ours + theirs)


def shoppers_with(elasticity: float, usual_minor: int, rivals_minor: Sequence[int]) -> Shoppers:
    """Shoppers whose elasticity is the given one where everybody asks the usual price.

    Args:
        elasticity: Below -0.5.
        usual_minor: Our price then.
        rivals_minor: Those of the rivals.
    """
    low, high = 0.0, 100.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if Shoppers(usual_minor, middle).elasticity(usual_minor, rivals_minor) > elasticity:
            low = middle
        else:
            high = middle
    return Shoppers(usual_minor, (low + high) / 2)
