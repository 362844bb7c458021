"""A price war: a rival and we undercut each other, day by day, and in the last night hour by hour.

Source: docs/spec/demonstration.md#the-history.
"""

from typing import Final, NamedTuple

from quote_service.lab.demonstration.model.goods import legal
from quote_service.lab.demonstration.model.market import Market
from quote_service.lab.demonstration.model.rivals import FOLLOWER

#: How many of the last days it takes.
WAR_DAYS: Final = 10
#: Moves of the last night, theirs and ours in turns.
NIGHT_MOVES: Final = 6
_UNDERCUT_PERCENT: Final = 99
_LEAST_PERCENT_OF_COST: Final = 102


class NightMove(NamedTuple):
    """A move of the last night."""

    is_ours: bool
    price_minor: int


def strike(market: Market, good: int, ours_minor: int, left: int) -> int:
    """Our price of a day of the war: they undercut us on one day, we undercut them on the next."""
    if left % 2 == 0:
        market.set_rival(good, FOLLOWER, _below(ours_minor, market.costs[good]))
        return ours_minor
    return legal(_below(market.rivals[good][FOLLOWER], market.costs[good]))


def night_of(cost_minor: int, ours_minor: int) -> list[NightMove]:
    """The last night: they begin, and the last word is ours."""
    moves: list[NightMove] = []
    price = ours_minor
    for number in range(NIGHT_MOVES):
        is_ours = number % 2 == 1
        price = _below(price, cost_minor)
        if is_ours:
            price = legal(price)
        moves.append(NightMove(is_ours, price))
    return moves


def _below(price_minor: int, cost_minor: int) -> int:
    """A little less; nobody goes below cost."""
    return max(price_minor * _UNDERCUT_PERCENT // 100, cost_minor * _LEAST_PERCENT_OF_COST // 100)
