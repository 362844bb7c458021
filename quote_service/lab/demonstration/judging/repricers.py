"""Ways of pricing, ours and the usual ones: each says what it wants, and the same guardrails have the last word on all.

Source: docs/spec/demonstration.md#the-judge.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from statistics import mean
from typing import Any, Final
from uuid import UUID

import msgspec
import numpy as np

from quote_service.intelligence.demand.baseline.trees import Learner
from quote_service.intelligence.demand.model import Elasticity
from quote_service.intelligence.demand.optimiser.price_points import candidate_prices
from quote_service.intelligence.demand.response.learn import learn_response
from quote_service.intelligence.demand.threads import one_thread
from quote_service.intelligence.price_decisions.model.decide import decide_price
from quote_service.intelligence.price_decisions.model.facts import Facts, Learned, SeenRival
from quote_service.intelligence.price_decisions.model.guardrails import Limits
from quote_service.lab.demonstration.judging.panel_of import panel_of
from quote_service.lab.demonstration.model.goods import CURRENCY, POINTS
from quote_service.lab.demonstration.model.market import DayOfGood, Market
from quote_service.lab.demonstration.model.rivals import RIVALS
from quote_service.lab.evaluation.price_inside import learn_price_inside
from quote_service.platform.money.currencies import EXPONENTS

_RECENT_DAYS: Final = 28
_FIXED_MARGIN: Final = 0.3
_MORNING: Final = datetime(2026, 1, 1, 5, tzinfo=UTC)


class Morning(msgspec.Struct, frozen=True):
    """What a repricer goes by on the day that it decides; amounts in minor units.

    Attributes:
        market: Today's costs and rivals' prices. Only the oracle may ask it what would be sold.
        told: All days before.
        current: The price of each product.
        confirmed: The price of each that a person last confirmed.
        limits: What the guardrails hold to.
        low: The lowest price of each that the guardrails would let through today.
        high: The highest.
    """

    market: Market
    days_sold: Sequence[DayOfGood]
    current: Sequence[int]
    confirmed: Sequence[int]
    limits: Limits
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
    """As `auto` decides: elasticities pooled by category, and what `decide_price` makes of each; what is held stays."""
    goods = morning.market.goods
    learnt = learn_response(
        panel_of(morning.days_sold), [good.sku for good in goods], [good.category for good in goods], 1
    )
    decided = [decide_price(_facts(morning, good, elasticity)) for good, elasticity in enumerate(learnt.elasticities)]
    return [one.price_minor or now for one, now in zip(decided, morning.current, strict=True)]


def _facts(morning: Morning, good: int, elasticity: Elasticity) -> Facts:
    """What the loop would know of a product today."""
    recent = [day for day in morning.days_sold[-_RECENT_DAYS * len(morning.current) :] if day.good == good]
    now, cost = morning.current[good], morning.market.costs[good]
    reference = recent[-1].price_minor
    units = mean(day.units * (reference / day.price_minor) ** elasticity.mean for day in recent)
    return Facts(
        product_id=UUID(int=good),
        currency=CURRENCY,
        exponent=EXPONENTS[CURRENCY],
        policy_ids=(UUID(int=1),),
        mode="auto",
        current_minor=now,
        cost_minor=cost,
        floor_minor=cost,
        ceiling_minor=None,
        minimum_advertised_minor=None,
        confirmed_minor=morning.confirmed[good],
        day_start_minor=now,
        lowest_30_days_minor=None,
        keeps_lowest=False,
        limits=morning.limits,
        rivals=tuple(_rival(at, price) for at, price in enumerate(morning.market.rivals[good])),
        learned=Learned(UUID(int=2), reference, units, elasticity),
    )


def _rival(at: int, price_minor: int) -> SeenRival:
    """Seen this morning, and as sure as can be."""
    return SeenRival(UUID(int=at), RIVALS[at].name, UUID(int=at), price_minor, _MORNING, 0)


def best_of_trees(learner: Learner) -> Repricer:
    """Trees that see the price among their columns, and the price with the best forecast profit."""

    def reprice(morning: Morning) -> list[int]:
        panel = panel_of(morning.days_sold)
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
