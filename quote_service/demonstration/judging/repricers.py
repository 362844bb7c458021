"""Ways of pricing, ours and the usual ones: each says what it wants, and the same guardrails have the last word on all.

Source: docs/spec/demonstration.md#the-judge.
"""

from collections.abc import Callable, Sequence
from statistics import mean
from typing import Any, Final

import msgspec
import numpy as np

from quote_service.demand.baseline.trees import Learner
from quote_service.demand.evaluation.price_inside import learn_price_inside
from quote_service.demand.optimiser.choose_price import choose_price
from quote_service.demand.optimiser.outlook import Offer
from quote_service.demand.optimiser.price_points import candidate_prices
from quote_service.demand.response.learn import learn_response
from quote_service.demand.threads import one_thread
from quote_service.demonstration.judging.panel_of import panel_of
from quote_service.demonstration.words.goods import POINTS
from quote_service.demonstration.words.market import DayOfGood, Market

_RECENT_DAYS: Final = 28
_FIXED_MARGIN: Final = 0.3


class Morning(msgspec.Struct, frozen=True):
    """What a repricer goes by on the day that it decides; amounts in minor units.

    Attributes:
        market: Today's costs and rivals' prices. Only the oracle may ask it what would be sold.
        told: All days before.
        current: The price of each product.
        low: The lowest price of each that the guardrails would let through today.
        high: The highest.
    """

    market: Market
    told: Sequence[DayOfGood]
    current: Sequence[int]
    low: Sequence[int]
    high: Sequence[int]

    def candidates(self, good: int) -> list[int]:
        """Legal prices inside the guardrails."""
        return candidate_prices(POINTS, self.low[good], self.high[good], self.current[good])


Repricer = Callable[[Morning], list[int]]


def keep(morning: Morning) -> list[int]:
    """Leave every price as it is."""
    return list(morning.current)


def lowest_rival_less_one_percent(morning: Morning) -> list[int]:
    """Be the cheapest."""
    return [min(rivals) * 99 // 100 for rivals in morning.market.rivals]


def fixed_margin(morning: Morning) -> list[int]:
    """Cost with the same margin on everything."""
    return [round(cost / (1 - _FIXED_MARGIN)) for cost in morning.market.costs]


def oracle(morning: Morning) -> list[int]:
    """The best price of the day, by somebody who knows the shoppers."""
    return [
        max(
            morning.candidates(good) or [morning.current[good]],
            key=lambda price: morning.market.expected_units(good, price) * (price - morning.market.costs[good]),
        )
        for good in range(len(morning.current))
    ]


def ours(morning: Morning) -> list[int]:
    """Elasticities pooled by category, and the legal price with the highest sure gain; unsure products stay."""
    goods = morning.market.goods
    learnt = learn_response(panel_of(morning.told), [good.sku for good in goods], [good.category for good in goods], 1)
    wanted = list(morning.current)
    for good, elasticity in enumerate(learnt.elasticities):
        recent = [day.units for day in morning.told[-_RECENT_DAYS * len(goods) :] if day.good == good]
        if not elasticity.identified or not any(recent):
            continue
        offer = Offer(morning.current[good], morning.market.costs[good], mean(recent), elasticity)
        choice = choose_price(offer, morning.candidates(good))
        if choice is not None:
            wanted[good] = choice.price_minor
    return wanted


def best_of_trees(learner: Learner) -> Repricer:
    """Trees that see the price among their columns, and the price with the best forecast profit."""

    def reprice(morning: Morning) -> list[int]:
        panel = panel_of(morning.told)
        with one_thread():
            model = learn_price_inside(panel, np.ones(len(panel), dtype=bool), learner, monotone=False)
        wanted = []
        for good, current in enumerate(morning.current):
            row: Any = np.zeros(len(panel), dtype=bool)
            row[np.flatnonzero(panel.product == good)[-1]] = True
            prices = morning.candidates(good) or [current]
            units = [float(np.exp(model.log_units(row, np.log([float(price)]))[0])) for price in prices]
            earned = [count * (price - morning.market.costs[good]) for count, price in zip(units, prices, strict=True)]
            wanted.append(prices[int(np.argmax(earned))])
        return wanted

    return reprice
