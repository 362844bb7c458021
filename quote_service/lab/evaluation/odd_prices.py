"""Errors put into real prices, and how well each way of looking finds them.

One price in a hundred is wrong: times 100, 10, 0.1, 0.5 or 1.6, or the price of another product of the same store. A swap with a
price that differs by less than 15 % is drawn again: no signal would come of it. The sellers are stores of one chain, which price
alike; independent sellers spread more.

Source: docs/spec/demand.md#figures.
"""

import importlib
from collections import defaultdict

import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.metrics import average_precision_score

from quote_service.intelligence.demand.anomalies.score_price import OddPrice, score_price
from quote_service.intelligence.demand.panel import Floats, Integers, Panel, Truths
from quote_service.intelligence.demand.threads import one_thread
from quote_service.lab.evaluation.figures import Figure, Skipped

GROUP = "Odd prices: average precision on errors put into orange-juice prices"
_SHARE = 0.01
_FACTORS = (100.0, 10.0, 0.1, 0.5, 1.6)
_SWAP = len(_FACTORS)
_LEAST_SWAP = 1.15
_WINDOW = 26


def put_errors(panel: Panel, seed: int) -> tuple[Integers, Truths, Integers]:
    """Prices in cents with errors, which rows are wrong, and the kind of error of each row."""
    draw = np.random.default_rng(seed)
    price = np.exp(panel.log_price)
    wrong = draw.random(len(panel)) < _SHARE
    kind = draw.integers(0, len(_FACTORS) + 1, len(panel))
    for row in np.flatnonzero(wrong):
        if kind[row] < _SWAP:
            price[row] *= _FACTORS[kind[row]]
            continue
        others = np.exp(panel.rivals[row][~np.isnan(panel.rivals[row])])
        far = others[np.maximum(others / price[row], price[row] / others) >= _LEAST_SWAP]
        if len(far) == 0:
            wrong[row] = False
        else:
            price[row] = draw.choice(far)
    return np.maximum(np.rint(price * 100), 1).astype(np.int64), wrong, kind


def ours(panel: Panel, cents: Integers) -> list[OddPrice]:
    """Each price beside those of all stores in its week, and those of its store before."""
    week: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row in range(len(panel)):
        week[panel.product[row], panel.period[row]].append(row)
    prices = cents.tolist()
    scored: list[OddPrice | None] = [None] * len(panel)
    start = 0
    for row in range(len(panel)):
        if row and (panel.product[row], panel.place[row]) != (panel.product[row - 1], panel.place[row - 1]):
            start = row
        others = [prices[at] for at in week[panel.product[row], panel.period[row]] if at != row]
        scored[row] = score_price(prices[row], others, prices[start:row])
    return [one for one in scored if one is not None]


def odd_price_figures(panel: Panel, seed: int) -> list[Figure | Skipped]:
    """Average precision of our score and of what is usual, and how often what we call odd is wrong."""
    cents, wrong, kind = put_errors(panel, seed)
    log_price = np.log(cents)
    scored = ours(panel, cents)
    score, odd = np.array([one.score for one in scored]), np.array([one.is_odd for one in scored])
    beside = np.abs(log_price - _median_of_week(panel, log_price))
    hampel, z = _own_history(panel, log_price)
    with one_thread():
        table = np.column_stack([hampel, z, beside])
        isolated = -IsolationForest(n_estimators=100, random_state=1, n_jobs=1).fit(table).score_samples(table)
    found: list[Figure | Skipped] = [Figure(GROUP, "ours", _precision(wrong, score), 0.95)]
    found += [
        Figure(GROUP, name, _precision(wrong, values))
        for name, values in (
            ("distance to the median of the sellers", beside),
            ("isolation forest", isolated),
            ("z of the last 26 weeks", z),
            ("Hampel (median and MAD of the last 26 weeks)", hampel),
        )
    ]
    found.append(_half_space(wrong, table))
    found.append(Figure(GROUP, "share of what is called odd that is wrong", float(wrong[odd].mean())))
    names = (*(f"times {factor:g}" for factor in _FACTORS), "price of another product")
    found += [
        Figure(GROUP, f"share found of: {name}", float(odd[wrong & (kind == at)].mean()))
        for at, name in enumerate(names)
    ]
    return found


def _precision(wrong: Truths, score: Floats) -> float:
    return float(average_precision_score(wrong, score))


def _median_of_week(panel: Panel, log_price: Floats) -> Floats:
    median = np.empty(len(panel))
    weeks = panel.product * 1_000 + panel.period
    for week in np.unique(weeks):
        rows = weeks == week
        median[rows] = np.median(log_price[rows])
    return median


def _own_history(panel: Panel, log_price: Floats) -> tuple[Floats, Floats]:
    """Distance from the last weeks of the same store in robust and in plain deviations; 0 where there are few."""
    hampel, z = np.zeros(len(panel)), np.zeros(len(panel))
    series = panel.product * 1_000 + panel.place
    first = 0
    for row in range(1, len(panel)):
        if series[row] != series[row - 1]:
            first = row
        past = log_price[max(first, row - _WINDOW) : row]
        if len(past) >= 4:
            middle = np.median(past)
            hampel[row] = abs(log_price[row] - middle) / (1.4826 * np.median(np.abs(past - middle)) + 0.01)
            z[row] = abs(log_price[row] - past.mean()) / (past.std() + 0.01)
    return hampel, z


def _half_space(wrong: Truths, table: Floats, rows: int = 40_000) -> Figure | Skipped:
    """river's half-space trees, one row after another."""
    try:
        anomaly = importlib.import_module("river.anomaly")
    except ImportError as error:
        return Skipped(GROUP, f"river's half-space trees: {error}")
    rows = min(rows, len(table))
    scaled = np.clip(table[:rows] / np.quantile(table, 0.995, axis=0), 0, 1)
    trees = anomaly.HalfSpaceTrees(seed=1)
    reported = np.empty(rows)
    for row, values in enumerate(scaled.tolist()):
        columns = dict(enumerate(values))
        reported[row] = trees.score_one(columns)
        trees.learn_one(columns)
    return Figure(GROUP, f"river's half-space trees, {rows} rows", _precision(wrong[:rows], reported))
