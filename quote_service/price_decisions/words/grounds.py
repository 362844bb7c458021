"""What a decision went by besides, as it is kept and shown: second opinions, and what shoppers' behaviour told.

Source: docs/spec/price-decisions.md#grounds.
"""

from typing import Literal

import msgspec

from quote_service.demand.response.contradiction import contradicts, interval_of_opinion, is_believable
from quote_service.demand.words import Elasticity, SecondOpinion
from quote_service.price_decisions.words.facts import BehaviourEffect, Facts

_DIGITS = 4


class ShownOpinion(msgspec.Struct, frozen=True, kw_only=True):
    """The elasticity of demand by another method, which assumes other things."""

    method: Literal["instrument", "double_ml"]
    """`instrument`: only price moves that the cost caused count. `double_ml`: only those that a learnt model cannot predict."""
    elasticity: float
    """By how many percent demand changes when the price rises by one percent."""
    low: float
    """The end of its interval that is more elastic; nine chances in ten lie between."""
    high: float
    """The end that is less elastic."""
    strength: float
    """First-stage F of an instrument, weak below 10; the share of the price's moves that nothing else explains for `double_ml`."""
    rows: int
    """Days with sales that it was learnt from."""
    is_believable: bool
    """Whether it is strong and narrow enough to count."""
    contradicts: bool
    """Whether it counts, and has another sign or an interval apart from that of the elasticity: then no price is set by itself."""


class ShownBehaviour(msgspec.Struct, frozen=True, kw_only=True):
    """What shoppers did with the product, all of them together, over the last week that was known."""

    views_a_day: float
    """Times its page was seen."""
    carts_a_day: float
    """Times it was put into a cart."""
    units_factor: float
    """Expected units over what they would be, were behaviour of no account: 1.1 is a tenth more."""


class Grounds(msgspec.Struct, frozen=True, kw_only=True):
    """What a decision went by beside bounds, elasticity and competitors; nothing of decisions made before it was kept."""

    second_opinions: list[ShownOpinion] = []
    behaviour: ShownBehaviour | None = None


def grounds_of(facts: Facts) -> Grounds:
    """What is kept of a decision by these facts."""
    known = facts.learned
    if known is None:
        return Grounds()
    return Grounds(
        second_opinions=[shown_opinion(opinion, known.elasticity) for opinion in known.second_opinions],
        behaviour=shown_behaviour(known.behaviour),
    )


def shown_opinion(opinion: SecondOpinion, elasticity: Elasticity) -> ShownOpinion:
    """A second opinion beside the elasticity, as it is shown."""
    low, high = interval_of_opinion(opinion)
    return ShownOpinion(
        method=opinion.method,
        elasticity=round(opinion.elasticity, _DIGITS),
        low=round(low, _DIGITS),
        high=round(high, _DIGITS),
        strength=round(opinion.strength, _DIGITS),
        rows=opinion.rows,
        is_believable=is_believable(opinion),
        contradicts=contradicts(opinion, elasticity),
    )


def shown_behaviour(behaviour: BehaviourEffect | None) -> ShownBehaviour | None:
    """What behaviour told, as it is shown."""
    return None if behaviour is None else ShownBehaviour(**msgspec.structs.asdict(behaviour))
