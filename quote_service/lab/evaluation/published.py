"""Figures that others have published about the same data: whether our least squares finds them again.

Source: M. Taddy, Business Data Science (2019), chapter 2 (orange juice); Nevo, A Practitioner's Guide to Estimation of Random
Coefficients Logit (2000), with the data that pyblp carries.
"""

import csv
from pathlib import Path

import numpy as np

from quote_service.intelligence.demand.panel import Floats, Panel, codes
from quote_service.intelligence.demand.response.least_squares import within
from quote_service.lab.evaluation.figures import Figure

# Tropicana, Minute Maid and Dominick's, by their number in the data; the last is what the others are compared with.
_TROPICANA, _MINUTE_MAID, _DOMINICKS = 0, 4, 9


def three_brands(panel: Panel) -> list[Figure]:
    """Log units by brand and log price, three brands, every store and week."""
    panel = panel.rows(np.isin(panel.product, (_TROPICANA, _MINUTE_MAID, _DOMINICKS)))
    columns = np.column_stack(
        [np.ones(len(panel)), panel.product == _MINUTE_MAID, panel.product == _TROPICANA, panel.log_price]
    ).astype(float)
    found, *_ = np.linalg.lstsq(columns, panel.log_units, rcond=None)
    published = {"intercept": 10.8288, "minute.maid": 0.8702, "tropicana": 1.5299, "log(price)": -3.1387}
    return [
        Figure("Orange juice, three brands (published)", name, float(value), target, "near", 1e-3)
        for (name, target), value in zip(published.items(), found, strict=True)
    ]


def cereals(products: Path) -> list[Figure]:
    """Logit demand for cereals with an effect for each product, prices by 20 instruments."""
    with products.open(newline="") as file:
        rows = list(csv.DictReader(file))

    def column(name: str) -> Floats:
        return np.array([float(row[name]) for row in rows])

    product, _ = codes([row["product_ids"] for row in rows])
    market, _ = codes([row["market_ids"] for row in rows])
    outside = 1 - np.bincount(market, column("shares"))[market]
    share = column("shares")
    count = int(product.max()) + 1
    outcome = within(np.log(share) - np.log(outside), product, count)
    price = within(column("prices"), product, count)
    instruments = within(np.column_stack([column(f"demand_instruments{at}") for at in range(20)]), product, count)
    alpha = _two_step(outcome, price, instruments)
    elasticity = float(np.mean(alpha * column("prices") * (1 - share)))
    group = "Cereals, logit by instruments (pyblp)"
    return [
        Figure(group, "coefficient of the price", alpha, -30.047, "near", 1e-2),
        Figure(group, "mean own-price elasticity", elasticity, -3.706, "near", 1e-2),
    ]


def _two_step(outcome: Floats, price: Floats, instruments: Floats) -> float:
    """The coefficient of the price by two-step GMM: two-stage least squares, then weighted by its own centred moments."""
    rows = len(outcome)
    weight = np.linalg.inv(instruments.T @ instruments / rows)
    alpha = 0.0
    for _ in range(2):
        moved = instruments.T @ price
        alpha = float(moved @ weight @ (instruments.T @ outcome) / (moved @ weight @ moved))
        moments = instruments * (outcome - alpha * price)[:, None]
        moments = moments - moments.mean(axis=0)
        weight = np.linalg.inv(moments.T @ moments / rows)
    return alpha
