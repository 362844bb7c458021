"""Whether a second opinion may be believed, and whether it contradicts the elasticity. No numbers library needed.

Source: docs/spec/demand.md#second-opinions.
"""

from collections.abc import Sequence

from quote_service.intelligence.demand.model import Elasticity, SecondOpinion
from quote_service.intelligence.demand.response.identification import WIDEST_INTERVAL

# Nine chances in ten lie within so many standard errors.
_NINE_IN_TEN = 1.645
# A weaker instrument reveals nothing (Staiger and Stock, 1997); nor does a price that everything else nearly explains.
LEAST_STRENGTH = {"instrument": 10.0, "double_ml": 0.01}


def interval_of_opinion(opinion: SecondOpinion) -> tuple[float, float]:
    """The interval of nine chances in ten, the more elastic end first."""
    width = _NINE_IN_TEN * opinion.standard_error
    return opinion.elasticity - width, opinion.elasticity + width


def is_believable(opinion: SecondOpinion) -> bool:
    """Whether it is strong enough, and its interval no wider than that of an elasticity which may decide."""
    low, high = interval_of_opinion(opinion)
    return opinion.strength >= LEAST_STRENGTH[opinion.method] and high - low <= WIDEST_INTERVAL


def contradicts(opinion: SecondOpinion, elasticity: Elasticity) -> bool:
    """Whether a believable opinion has another sign, or an interval that lies apart from the elasticity's."""
    low, high = interval_of_opinion(opinion)
    return is_believable(opinion) and (opinion.elasticity >= 0 or high < elasticity.low or low > elasticity.high)


def any_contradicts(opinions: Sequence[SecondOpinion], elasticity: Elasticity) -> bool:
    """Whether one of them does."""
    return any(contradicts(opinion, elasticity) for opinion in opinions)
