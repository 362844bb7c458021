"""180 days of the market: the shop tries prices, advertises, and lives through what its last days bring.

Source: docs/spec/demonstration.md#the-history.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from quote_service.demonstration.words.goods import POINTS
from quote_service.demonstration.words.market import DayOfGood, Market

HISTORY_DAYS: Final = 180
# How often a price is tried, and how far from the usual one, in percent.
_TRIES_CHANCE: Final = 0.4
_TRIED_PERCENT: Final = (84, 88, 92, 96, 100, 104, 108, 112, 116)
_ADVERTISED_EVERY, _ADVERTISED_DAYS = 40, 4
# How many of the last days a story takes.
WAR_DAYS: Final = 10
SURGE_DAYS: Final = 2
CHANGED_DAYS: Final = 1
DROP_PERCENT, RISE_PERCENT = 80, 122
_UNDERCUT_PERCENT: Final = 97
# Whose part it is, by the place among RIVALS.
STEADY, FOLLOWER = 0, 2


class TriedPrices:
    """Our own prices of the history: tried by chance, so that sales can say how demand answers."""

    def __init__(self, seed: int, usual_minor: Sequence[int], held: frozenset[int] = frozenset()) -> None:
        """Products of `held` never move."""
        self._draw: Any = np.random.default_rng((seed, 4))
        self._usual = list(usual_minor)
        self._held = held
        self.prices = [_legal(usual) for usual in usual_minor]

    def pass_day(self) -> list[int]:
        """The prices of the next day."""
        for at, usual in enumerate(self._usual):
            tries, percent = self._draw.random() < _TRIES_CHANCE, self._draw.choice(_TRIED_PERCENT)
            if tries and at not in self._held:
                self.prices[at] = _legal(usual * int(percent) // 100)
        return list(self.prices)


def advertised(goods: int, day: int) -> frozenset[int]:
    """Which products are advertised on a day."""
    return frozenset(at for at in range(goods) if (day + 11 * at) % _ADVERTISED_EVERY < _ADVERTISED_DAYS)


def quiet_history(market: Market, seed: int, days: int = HISTORY_DAYS) -> list[DayOfGood]:
    """Days in which nothing out of the ordinary happens."""
    tried = TriedPrices(seed, [good.usual_minor for good in market.goods])
    told: list[DayOfGood] = []
    for _ in range(days):
        told += market.pass_day(tried.pass_day(), advertised(len(market.goods), market.day))
    return told


def eventful_history(market: Market, seed: int, days: int = HISTORY_DAYS) -> list[DayOfGood]:
    """The same shop, with the stories of its products in the last days."""
    stories = [good.story for good in market.goods]
    held = frozenset(at for at, story in enumerate(stories) if story == "never_moved")
    surging = frozenset(at for at, story in enumerate(stories) if story == "surge")
    tried = TriedPrices(seed, [good.usual_minor for good in market.goods], held)
    told: list[DayOfGood] = []
    for day in range(days):
        ours = tried.pass_day()
        for at, story in enumerate(stories):
            left = days - day
            if story == "price_war" and left <= WAR_DAYS:
                ours[at] = tried.prices[at] = _strike(market, at, told[-len(stories) + at].price_minor, left)
            elif story == "rival_drops" and left <= CHANGED_DAYS:
                market.set_rival(at, STEADY, market.goods[at].usual_minor * DROP_PERCENT // 100)
            elif story == "rival_rises" and left <= CHANGED_DAYS:
                market.set_rival(at, STEADY, market.goods[at].usual_minor * RISE_PERCENT // 100)
        told += market.pass_day(
            ours, advertised(len(stories), day), surging if days - day <= SURGE_DAYS else frozenset()
        )
    return told


def _strike(market: Market, at: int, ours_minor: int, left: int) -> int:
    """A day of a price war: they undercut us on one day, we undercut them on the next, and nobody goes below cost."""
    least = market.costs[at] * 102 // 100
    if left % 2 == 0:
        market.set_rival(at, FOLLOWER, max(ours_minor * _UNDERCUT_PERCENT // 100, least))
        return ours_minor
    told = market.rivals[at][FOLLOWER]
    return _legal(max(told * _UNDERCUT_PERCENT // 100, least))


def _legal(price_minor: int) -> int:
    return POINTS.nearest_within(price_minor, 1, 10**9) or POINTS.at_or_above(price_minor)
