"""180 days of the market: the shop tries prices, then has them decided, and lives through what its last days bring.

Source: docs/spec/demonstration.md#the-history.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from quote_service.lab.demonstration.model.goods import legal
from quote_service.lab.demonstration.model.market import DayOfGood, Market
from quote_service.lab.demonstration.model.price_war import WAR_DAYS, NightMove, night_of, strike
from quote_service.lab.demonstration.model.rivals import FOLLOWER, STEADY

HISTORY_DAYS: Final = 180
# How often a price is tried, and how far from the usual one, in percent.
_TRIES_CHANCE: Final = 0.4
_TRIED_PERCENT: Final = (84, 88, 92, 96, 100, 104, 108, 112, 116)
_ADVERTISED_EVERY, _ADVERTISED_DAYS = 40, 4
# How many of the last days a story takes.
SURGE_DAYS: Final = 2
CHANGED_DAYS: Final = 1
DROP_PERCENT, RISE_PERCENT = 80, 122
_DECIDED_DAYS: Final = 28


def first_decided(days: int) -> int:
    """The day on which prices are decided for the first time: four weeks before the end, or a quarter of a short history."""
    return days - min(_DECIDED_DAYS, days // 28 * 7)


class TriedPrices:
    """Our own prices of the history: tried by chance, so that sales can say how demand answers."""

    def __init__(self, seed: int, usual_minor: Sequence[int], held: frozenset[int] = frozenset()) -> None:
        """Products of `held` never move."""
        self._draw: Any = np.random.default_rng((seed, 4))
        self._usual = list(usual_minor)
        self._held = held
        self.prices = [legal(usual) for usual in usual_minor]

    def pass_day(self) -> list[int]:
        """The prices of the next day."""
        for at, usual in enumerate(self._usual):
            tries, percent = self._draw.random() < _TRIES_CHANCE, self._draw.choice(_TRIED_PERCENT)
            if tries and at not in self._held:
                self.prices[at] = legal(usual * int(percent) // 100)
        return list(self.prices)


class EventfulHistory:
    """The shop with the stories of its products, day by day: what it asks in the morning may be decided otherwise before it sells.

    Until prices are decided the shop tries them. From then on it leaves them alone, but for the product whose policy is `off`, and
    for the price war.
    """

    def __init__(self, market: Market, seed: int, days: int, part_of_today: float = 0.0) -> None:
        """Begin on day 0.

        Args:
            market: On its first day.
            seed: Of what the shop tries.
            days: That are over; one more has begun.
            part_of_today: How much of it is over, of the time in which shoppers come.
        """
        self.market = market
        self.days = days
        self.first_decided = first_decided(days)
        self.days_sold: list[DayOfGood] = []
        self.night: list[NightMove] = []
        self._part_of_today = part_of_today
        self._stories = [good.story for good in market.goods]
        held = frozenset(at for at, story in enumerate(self._stories) if story == "never_moved")
        self._surging = frozenset(at for at, story in enumerate(self._stories) if story == "surge")
        self._tried = TriedPrices(seed, [good.usual_minor for good in market.goods], held)
        self._asked = list(self._tried.prices)

    @property
    def is_over(self) -> bool:
        """Whether today is told, too."""
        return self.market.day > self.days

    def morning(self) -> list[int]:
        """What the shop asks by itself on the day that begins; rivals price as the stories have it."""
        market, tried, left = self.market, self._tried.pass_day(), self.days - self.market.day
        if market.day < self.first_decided:
            self._asked = tried
        elif market.day == self.first_decided:
            self._asked = [legal(good.usual_minor) for good in market.goods]
        for at, story in enumerate(self._stories):
            if story == "rival_drops" and left <= CHANGED_DAYS:
                market.set_rival(at, STEADY, market.goods[at].usual_minor * DROP_PERCENT // 100)
            elif story == "rival_rises":
                self._asked[at] = tried[at]
                if left <= CHANGED_DAYS:
                    market.set_rival(at, STEADY, market.goods[at].usual_minor * RISE_PERCENT // 100)
            elif story == "price_war" and left == 0:
                self.night = night_of(market.costs[at], self._asked[at])
                market.set_rival(at, FOLLOWER, self.night[-2].price_minor)
                self._asked[at] = self.night[-1].price_minor
            elif story == "price_war" and left <= WAR_DAYS:
                self._asked[at] = strike(market, at, self._asked[at], left)
        return list(self._asked)

    def sell(self, asked_minor: Sequence[int]) -> list[DayOfGood]:
        """Sell at these prices; of today what is over."""
        left = self.days - self.market.day
        self._asked = list(asked_minor)
        day = self.market.pass_day(
            asked_minor,
            advertised(len(self._stories), self.market.day),
            self._surging if left <= SURGE_DAYS else frozenset(),
            self._part_of_today if left == 0 else 1.0,
        )
        self.days_sold += day
        return day


def advertised(goods: int, day: int) -> frozenset[int]:
    """Which products are advertised on a day."""
    return frozenset(at for at in range(goods) if (day + 11 * at) % _ADVERTISED_EVERY < _ADVERTISED_DAYS)


def quiet_history(market: Market, seed: int, days: int = HISTORY_DAYS) -> list[DayOfGood]:
    """Days in which nothing out of the ordinary happens."""
    tried = TriedPrices(seed, [good.usual_minor for good in market.goods])
    days_sold: list[DayOfGood] = []
    for _ in range(days):
        days_sold += market.pass_day(tried.pass_day(), advertised(len(market.goods), market.day))
    return days_sold


def eventful_history(
    market: Market,
    seed: int,
    days: int = HISTORY_DAYS,
    part_of_today: float = 0.0,
    decided: Sequence[Sequence[int]] = (),
) -> list[DayOfGood]:
    """The same shop, with the stories of its products; `decided` are its prices of each day since they are decided."""
    history = EventfulHistory(market, seed, days, part_of_today)
    while not history.is_over:
        place, asked = market.day - history.first_decided, history.morning()
        history.sell(decided[place] if 0 <= place < len(decided) else asked)
    return history.days_sold
