"""What prices chosen by each method would have earned, by a judge who has seen every week.

The judge: each brand's elasticity in each store, from all weeks, drawn towards the brand; units sold are what they were, moved
along it from the price that was asked. It is of the log-log family, so it favours methods of that family: read the order.

Source: docs/spec/demand.md#figures.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from quote_service.intelligence.demand.baseline.forecast import Forecast
from quote_service.intelligence.demand.optimiser.choose_price import choose_price
from quote_service.intelligence.demand.optimiser.outlook import Offer
from quote_service.intelligence.demand.optimiser.price_points import PricePoints, candidate_prices
from quote_service.intelligence.demand.panel import Floats, Integers, Panel, Truths, earlier
from quote_service.intelligence.demand.response.log_log import fit_product
from quote_service.intelligence.demand.response.pooling import pool_elasticities
from quote_service.lab.evaluation.figures import Figure
from quote_service.lab.evaluation.price_inside import PriceInside

# Minor units of the evaluation: a hundredth of a cent, so that a carton of two dollars has 20 000 and whole units cost nothing.
MINOR = 10_000
_GRID = 41


@dataclass(frozen=True, slots=True)
class Market:
    """Rows to price, with bounds around the week before, and the judge's elasticity of each row."""

    log_units: Floats
    price: Floats
    before: Floats
    cost: Floats
    low: Floats
    high: Floats
    lowest_rival: Floats
    judge: Floats

    def profit(self, price: Floats) -> float:
        """What the judge says the prices earn in all."""
        units = np.exp(self.log_units) * (price / self.price) ** self.judge
        return float((units * (price - self.cost)).sum())

    def clipped(self, price: Floats) -> Floats:
        return np.clip(price, self.low, self.high)


def judged_elasticities(panel: Panel, products: int) -> Floats:
    """By row: the elasticity of its brand in its store over all weeks, drawn towards the brand."""
    estimates, chosen = [], []
    for product in range(products):
        rows = panel.product == product
        for place in np.unique(panel.place[rows]):
            here = rows & (panel.place == place)
            part = panel.rows(here)
            estimates.append(fit_product(part, f"{product}/{place}", str(product), int(place) + 1).estimate)
            chosen.append(here)
    judged: Floats = np.empty(len(panel))
    for here, elasticity in zip(chosen, pool_elasticities(estimates), strict=True):
        judged[here] = elasticity.mean
    return judged


def market_of(
    panel: Panel, chosen: Truths, judge: Floats, lowest_margin: float, highest_margin: float, step: float
) -> tuple[Market, Truths]:
    """The chosen rows that have a price the week before and some price inside all bounds, and which they are."""
    before = np.exp(earlier(panel, panel.log_price, 1))
    cost = np.exp(panel.log_cost)
    low = np.maximum(before * (1 - step), cost / (1 - lowest_margin))
    high = np.minimum(before * (1 + step), cost / (1 - highest_margin))
    used = chosen & ~np.isnan(before) & (low < high)
    rivals = np.exp(np.nanmin(np.where(np.isnan(panel.rivals), np.inf, panel.rivals), axis=1))
    columns = (panel.log_units, np.exp(panel.log_price), before, cost, low, high, rivals, judge)
    return Market(*(column[used] for column in columns)), used


def repricing_figures(
    group: str,
    market: Market,
    used: Truths,
    panel: Panel,
    forecast: Forecast,
    trees: dict[str, PriceInside],
    target: float | None,
) -> list[Figure]:
    """The gain of each method over the prices that were asked, and ours as a share of the best there is."""
    base = market.profit(market.clipped(market.price))
    methods: dict[str, Floats] = {
        "keep last week's price": market.clipped(market.before),
        "lowest rival less 1 %": market.clipped(market.lowest_rival * 0.99),
        "margin of 20 %": market.clipped(market.cost / 0.8),
        "highest allowed": market.high,
    }
    for name, model in trees.items():
        methods[f"best of {name} with the price inside"] = _best_of(market, _stated_by(model, used))
    ours = our_prices(market, panel.product[used], forecast, forecast.log_units(panel)[used])
    methods["ours: elasticity, forecast, legal prices"] = ours
    best = _best_of(market, lambda price: market.log_units + market.judge * np.log(price / market.price))
    gains = {name: market.profit(price) / base - 1 for name, price in methods.items()}
    most = market.profit(best) / base - 1
    figures = [Figure(group, f"{name}: gain in %", 100 * gain) for name, gain in gains.items()]
    figures.append(Figure(group, "best by the judge: gain in %", 100 * most))
    figures.append(
        Figure(group, "ours: share of the best gain", gains["ours: elasticity, forecast, legal prices"] / most, target)
    )
    return figures


def our_prices(market: Market, product: Integers, forecast: Forecast, log_units: Floats) -> Floats:
    """What the optimiser chooses for each row, from what was known the week before and is planned for the week."""
    chosen: list[float] = []
    points = PricePoints(every_minor=MINOR // 100)
    elasticities = forecast.response.elasticities
    for at in range(len(market.price)):
        low, high = -int(-market.low[at] * MINOR // 1), int(market.high[at] * MINOR)
        current = round(market.before[at] * MINOR)
        # The forecast is for the price that was asked; the offer is at last week's.
        units = (
            float(np.exp(log_units[at])) * float(market.before[at] / market.price[at]) ** elasticities[product[at]].mean
        )
        offer = Offer(current, round(market.cost[at] * MINOR), units, elasticities[product[at]])
        choice = choose_price(offer, candidate_prices(points, low, high, current))
        chosen.append(float(market.clipped(market.before)[at]) if choice is None else choice.price_minor / MINOR)
    return market.clipped(np.array(chosen))


def _stated_by(model: PriceInside, used: Truths) -> Callable[[Floats], Floats]:
    return lambda price: model.log_units(used, np.log(price))


def _best_of(market: Market, log_units_at: Callable[[Floats], Floats]) -> Floats:
    """The price of a fine grid inside the bounds that earns most by what is told of its units."""
    best, earned = market.low.copy(), np.full(len(market.low), -np.inf)
    for part in np.linspace(0, 1, _GRID):
        price = market.low + part * (market.high - market.low)
        profit = np.exp(log_units_at(price)) * (price - market.cost)
        better = profit > earned
        best[better], earned[better] = price[better], profit[better]
    return best
