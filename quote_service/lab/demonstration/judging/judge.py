"""What each way of pricing earns in the same market, beside the best there is.

Everybody begins after the same history at the usual prices, decides once a week for twelve weeks, and is held to the same
guardrails. What counts is the profit that was to be expected of the prices asked, so that luck at the till decides nothing; crowds
and costs are the same for all, and rivals answer to each.

Source: docs/spec/demonstration.md#the-judge.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from quote_service.intelligence.price_decisions.model.guardrails import Limits, Proposal, Verdict, guard_price
from quote_service.lab.demonstration.judging.repricers import (
    Morning,
    Repricer,
    best_of_trees,
    fixed_margin,
    keep,
    lowest_rival_less_one_percent,
    oracle,
    ours,
)
from quote_service.lab.demonstration.model.goods import POINTS
from quote_service.lab.demonstration.model.history import quiet_history
from quote_service.lab.demonstration.model.market import DayOfGood, Market

WEEKS: Final = 12
LIMITS: Final = Limits(highest_margin_bp=6_000, points=POINTS)
CHEAP: Final[Mapping[str, Repricer]] = {
    "keep": keep,
    "oracle": oracle,
    "ours": ours,
    "lowest rival less 1 %": lowest_rival_less_one_percent,
    "margin of 30 %": fixed_margin,
}
LEARNT: Final[Mapping[str, Repricer]] = {
    "best of boosted trees with the price inside": best_of_trees("boosted"),
    "best of random forest with the price inside": best_of_trees("forest"),
}


class Judged(msgspec.Struct, frozen=True):
    """What one way of pricing came to, in minor units; `share` is of what the oracle gained over keeping prices."""

    profit_minor: int
    share: float
    changes: int


def judge(seed: int, repricers: Mapping[str, Repricer], weeks: int = WEEKS) -> dict[str, Judged]:
    """What each earns; `keep` and `oracle` are among them."""
    earned = {name: _earned(seed, repricer, weeks) for name, repricer in repricers.items()}
    base, best = earned["keep"][0], earned["oracle"][0]
    return {
        name: Judged(round(profit), (profit - base) / (best - base), changes)
        for name, (profit, changes) in earned.items()
    }


def _earned(seed: int, repricer: Repricer, weeks: int) -> tuple[float, int]:
    market = Market(seed)
    reported = quiet_history(market, seed)
    confirmed = [good.usual_minor for good in market.goods]
    current, profit, changes = list(confirmed), 0.0, 0
    for _ in range(weeks):
        asked = repricer(_morning(market, reported, current, confirmed))
        verdicts = [
            guard_price(_proposal(market, good, wanted, current, confirmed), LIMITS)
            for good, wanted in enumerate(asked)
        ]
        changes += sum(verdict.outcome == "set" for verdict in verdicts)
        current = [verdict.price_minor for verdict in verdicts]
        for _ in range(7):
            days = market.pass_day(current)
            profit += sum(day.expected_units * (day.price_minor - day.cost_minor) for day in days)
            reported = [*reported, *days]
    return profit, changes


def _morning(market: Market, days_sold: list[DayOfGood], current: list[int], confirmed: list[int]) -> Morning:
    verdicts: list[Verdict] = [
        guard_price(_proposal(market, good, price, current, confirmed), LIMITS) for good, price in enumerate(current)
    ]
    low = [max(b.low_minor for b in verdict.bounds if b.low_minor is not None) for verdict in verdicts]
    high = [min(b.high_minor for b in verdict.bounds if b.high_minor is not None) for verdict in verdicts]
    return Morning(market, days_sold, current, confirmed, LIMITS, low, high)


def _proposal(market: Market, good: int, wanted: int, current: list[int], confirmed: list[int]) -> Proposal:
    cost = market.costs[good]
    return Proposal(wanted, current[good], cost, None, cost, current[good], confirmed[good])
