"""The market, day by day: rivals price, shoppers come and choose, and we learn what was sold.

Floats are the weather of the simulation (crowds, chances); every price and cost is whole minor units.

Source: docs/spec/demonstration.md#the-market.
"""

from collections.abc import Sequence
from math import exp, pi, sin
from typing import Any, Final

import msgspec
import numpy as np

from quote_service.lab.demonstration.model.goods import GOODS, Good
from quote_service.lab.demonstration.model.rivals import RIVALS, next_price
from quote_service.lab.demonstration.model.shoppers import Shoppers, shoppers_with

_CROWD_SPREAD: Final = 0.10
_WEEKEND: Final = 1.25
_SEASON: Final = 0.12
_GROWTH_A_YEAR: Final = 0.10
_PROMOTION_DRAW: Final = 0.25
_SURGE: Final = 8.0


class DayOfGood(msgspec.Struct, frozen=True):
    """A product on a day, as it is known when the day is over; amounts in minor units.

    Attributes:
        good: Its number.
        day: From 0.
        price_minor: Ours.
        cost_minor: Of one unit.
        rivals_minor: What each rival asked.
        is_promoted: Whether we advertised it.
        visits: Shoppers who came. Nobody but the simulation knows how many were to be expected.
        units: Sold.
        expected_units: What was to be expected: the truth behind `units`, for judges alone.
    """

    good: int
    day: int
    price_minor: int
    cost_minor: int
    rivals_minor: tuple[int, ...]
    is_promoted: bool
    visits: int
    units: int
    expected_units: float


class Market:
    """One run of the market. The same seed has the same crowds, costs and chances, whatever we ask."""

    def __init__(self, seed: int, goods: Sequence[Good] = GOODS, crowd: float = 1.0) -> None:
        """Begin on day 0.

        Args:
            seed: Of all chance.
            goods: What is sold.
            crowd: How many times as many shoppers come as is told of the goods.
        """
        self._crowd = crowd
        self.goods = tuple(goods)
        self.day = 0
        self._crowds: Any = np.random.default_rng((seed, 1))
        self._rival_draws: Any = np.random.default_rng((seed, 2))
        self._sales: Any = np.random.default_rng((seed, 3))
        self._usual = [tuple(good.usual_minor * rival.usual_percent // 100 for rival in RIVALS) for good in self.goods]
        self.shoppers: list[Shoppers] = [
            shoppers_with(good.elasticity, good.usual_minor, usual)
            for good, usual in zip(self.goods, self._usual, strict=True)
        ]
        self.rivals: list[tuple[int, ...]] = list(self._usual)
        self.costs = [good.cost_minor for good in self.goods]
        self._ours = [good.usual_minor for good in self.goods]
        self._expected_visits = [good.visits for good in self.goods]
        self._begin_day()

    def _begin_day(self) -> None:
        """What is known in the morning: rivals' prices and costs of the day, and how many will come."""
        season = 1 + _SEASON * sin(2 * pi * self.day / 365)
        week = _WEEKEND if self.day % 7 >= 5 else 1.0
        growth = 1 + _GROWTH_A_YEAR * self.day / 365
        for at, good in enumerate(self.goods):
            crowd = exp(self._crowds.normal(0, _CROWD_SPREAD))
            self._expected_visits[at] = self._crowd * good.visits * season * week * growth * crowd
            self.costs[at] = good.cost_minor if self.day < 90 + 3 * at else good.cost_minor * 102 // 100
            self.rivals[at] = tuple(
                next_price(
                    rival, at, self.day, before, self._ours[at], good.usual_minor, self.costs[at], self._rival_draws
                )
                for rival, before in zip(RIVALS, self.rivals[at], strict=True)
            )

    def usual_rivals(self, good: int) -> tuple[int, ...]:
        """What the rivals of a product ask when nothing is going on."""
        return self._usual[good]

    def set_rival(self, good: int, rival: int, price_minor: int) -> None:
        """A rival asks something else today than its rule says."""
        prices = list(self.rivals[good])
        prices[rival] = price_minor
        self.rivals[good] = tuple(prices)

    def expected_units(self, good: int, price_minor: int, *, is_promoted: bool = False, surge: float = 1.0) -> float:
        """What would be sold today at a price: the truth, which only judges and oracles may ask for."""
        draw = _PROMOTION_DRAW if is_promoted else 0.0
        share = self.shoppers[good].share(price_minor, self.rivals[good], draw)
        return surge * self._expected_visits[good] * share

    def pass_day(
        self,
        prices_minor: Sequence[int],
        promoted: frozenset[int] = frozenset(),
        surging: frozenset[int] = frozenset(),
        part: float = 1.0,
    ) -> list[DayOfGood]:
        """Sell for a day at these prices, or for a part of it, and let the next one begin."""
        reported = []
        for at, price in enumerate(prices_minor):
            times = part * (_SURGE if at in surging else 1.0)
            is_promoted = at in promoted
            expected = self.expected_units(at, price, is_promoted=is_promoted, surge=times)
            reported.append(
                DayOfGood(
                    good=at,
                    day=self.day,
                    price_minor=price,
                    cost_minor=self.costs[at],
                    rivals_minor=self.rivals[at],
                    is_promoted=is_promoted,
                    visits=round(times * self._expected_visits[at]),
                    units=int(self._sales.poisson(expected)),
                    expected_units=expected,
                )
            )
        self._ours = list(prices_minor)
        self.day += 1
        self._begin_day()
        return reported
