"""A market whose demand is known: random-coefficients logit of pyblp, rivals in equilibrium, prices then moved about.

The judge is not of our family: its elasticities change with the price and with rivals, and crowds move sales unseen.

Source: Conlon and Gortmaker, Best Practices for Differentiated Products Demand Estimation with PyBLP (2020).
"""

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

from quote_service.intelligence.demand.optimiser.choose_price import choose_price
from quote_service.intelligence.demand.optimiser.outlook import Offer
from quote_service.intelligence.demand.optimiser.price_points import PricePoints, candidate_prices
from quote_service.intelligence.demand.panel import Floats, Integers, Panel, Truths
from quote_service.intelligence.demand.response.learn import learn_response
from quote_service.lab.evaluation.figures import Figure
from quote_service.lab.evaluation.repricing import MINOR

_PRODUCTS, _PLACES, _WEEKS, _LEARNT = 6, 3, 40, 30
_GRID = 15
_LOWEST_MARGIN, _HIGHEST_MARGIN, _STEP = 0.05, 0.6, 0.2
_BUYERS = 20_000


def simulated_market() -> list[Figure]:
    """Learn from 30 weeks, price 10 more, and ask the market what that earns. Needs pyblp on the path."""
    shares_at, price, cost, elasticity = _market()
    rows = _PRODUCTS * _PLACES * _WEEKS
    product: Integers = np.tile(np.arange(_PRODUCTS), rows // _PRODUCTS)
    market: Integers = np.repeat(np.arange(_PLACES * _WEEKS), _PRODUCTS)
    place: Integers = market % _PLACES
    week: Integers = market // _PLACES
    units = shares_at(price) * _BUYERS
    rivals = np.log(price.reshape(-1, _PRODUCTS))[market]
    rivals[np.arange(rows), product] = np.nan
    panel = Panel(
        product, place, week, np.log(units), np.log(price), np.log(cost), rivals, np.zeros((rows, 0)),
        np.zeros((rows, 0)), 52,
    )  # fmt: skip
    learnt = panel.rows(week < _LEARNT).sorted()
    response = learn_response(learnt, [str(at) for at in range(_PRODUCTS)], ["simulated"] * _PRODUCTS, _PLACES)
    low = np.maximum(price * (1 - _STEP), cost / (1 - _LOWEST_MARGIN))
    high = np.minimum(price * (1 + _STEP), cost / (1 - _HIGHEST_MARGIN))
    ours = price.copy()
    for at in np.flatnonzero((week >= _LEARNT) & (low < high)):
        offer = Offer(
            round(price[at] * MINOR), round(cost[at] * MINOR), float(units[at]), response.elasticities[product[at]]
        )
        bounds = (-int(-low[at] * MINOR // 1), int(high[at] * MINOR))
        choice = choose_price(offer, candidate_prices(PricePoints(MINOR // 100), *bounds, offer.current_minor))
        if choice is not None:
            ours[at] = choice.price_minor / MINOR
    priced = (week >= _LEARNT) & (low < high)
    gains, most = _gains(shares_at, price, cost, product, priced, ours, low, high)
    group = "Simulated market with known demand (pyblp)"
    truth = [float(elasticity[product == at].mean()) for at in range(_PRODUCTS)]
    found = [one.mean for one in response.elasticities]
    return [
        *(
            Figure(group, f"product {at + 1}: elasticity, truly {reported:.2f} on average", own)
            for at, (reported, own) in enumerate(zip(truth, found, strict=True))
        ),
        Figure(group, "ours: gain in %", 100 * gains),
        Figure(group, "best there is: gain in %", 100 * most),
        Figure(group, "ours: share of the best gain", gains / most, 0.9),
    ]


def _market() -> tuple[Callable[[Floats], Floats], Floats, Floats, Floats]:
    """What is sold at any prices; and prices, costs and own elasticities of every row."""
    pyblp: Any = importlib.import_module("pyblp")
    pyblp.options.verbose = False
    draw = np.random.default_rng(1)
    markets = _PLACES * _WEEKS
    rows = markets * _PRODUCTS
    cost = np.exp(np.linspace(0.3, 0.9, _PRODUCTS) + draw.normal(0, 0.08, (markets, _PRODUCTS))).ravel()
    product = np.tile(np.arange(_PRODUCTS), markets)
    simulation = pyblp.Simulation(
        product_formulations=(pyblp.Formulation("1 + prices + quality"), pyblp.Formulation("0 + prices")),
        beta=[1.0, -2.2, 1.0],
        sigma=[[0.4]],
        product_data={
            "market_ids": np.repeat(np.arange(markets), _PRODUCTS),
            "firm_ids": product,
            "quality": np.linspace(-0.5, 1.0, _PRODUCTS)[product],
        },
        integration=pyblp.Integration("product", 7),
        xi=draw.normal(0, 0.2, rows),
        seed=1,
    )
    results = simulation.replace_endogenous(costs=cost[:, None])
    price: Floats = results.product_data.prices.ravel() * draw.uniform(0.8, 1.2, rows)
    own = np.concatenate([np.diag(results.compute_elasticities(market_id=at)) for at in range(markets)])
    return (lambda asked: results.compute_shares(prices=asked[:, None]).ravel()), price, cost, own


def _gains(
    shares_at: Callable[[Floats], Floats],
    price: Floats,
    cost: Floats,
    product: Floats,
    priced: Truths,
    ours: Floats,
    low: Floats,
    high: Floats,
) -> tuple[float, float]:
    """Ours and the best gain over the prices asked, each product's price moved alone."""

    def profit(at: int, asked: Floats) -> Floats:
        moved = np.where(product == at, asked, price)
        rows = priced & (product == at)
        return (shares_at(moved) * (moved - cost))[rows]

    base = earned = most = 0.0
    for at in range(_PRODUCTS):
        base += float(profit(at, price).sum())
        earned += float(profit(at, ours).sum())
        grid = [profit(at, low + part * (high - low)) for part in np.linspace(0, 1, _GRID)]
        most += float(np.max(grid, axis=0).sum())
    return earned / base - 1, most / base - 1
