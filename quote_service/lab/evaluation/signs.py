"""Elasticities of every orange juice and every cheese retailer: whether all say that demand falls with the price.

Source: docs/spec/demand.md#figures.
"""

from typing import Any

import numpy as np

from quote_service.intelligence.demand.panel import Integers, Panel, codes
from quote_service.intelligence.demand.response.double_ml import double_ml_elasticity
from quote_service.intelligence.demand.response.instrument import instrument_elasticity
from quote_service.intelligence.demand.response.learn import Response, learn_response
from quote_service.lab.evaluation.figures import Figure

_OPINIONS = (0, 3, 4, 9)


def orange_juice_signs(response: Response, panel: Panel, places: int) -> list[Figure]:
    """Own prices of 11 brands, and second opinions on four of them."""
    group = "Orange juice, 11 brands, weeks 40-140"
    pooled = [one.pooled_mean for one in response.elasticities]
    figures = [
        Figure(group, "brands with the right sign, before it is cut", float(sum(e < 0 for e in pooled)), 11),
        Figure(group, "brands identified", float(sum(one.identified for one in response.elasticities))),
        Figure(group, "mean elasticity", float(np.mean(pooled))),
    ]
    for at in _OPINIONS:
        rows = panel.rows(panel.product == at)
        figures.append(Figure(group, f"brand {at + 1}: elasticity", pooled[at]))
        for opinion in (instrument_elasticity(rows, places), double_ml_elasticity(rows)):
            if opinion is not None:
                reported = f"brand {at + 1}: by {opinion.method}, error {opinion.standard_error:.2f}"
                figures.append(Figure(group, reported, opinion.elasticity))
    return figures


def cheese_signs(data: dict[str, Any]) -> list[Figure]:
    """88 retailers, each with its own elasticity."""
    retailer, names = codes(data["RETAILER"])
    rows = len(retailer)
    none = np.zeros((rows, 0))
    period: Integers = np.zeros(rows, dtype=np.int64)
    for at in range(len(names)):
        period[retailer == at] = np.arange(np.sum(retailer == at))
    panel = Panel(
        product=retailer,
        place=np.zeros(rows, dtype=np.int64),
        period=period,
        log_units=np.log(data["VOLUME"]),
        log_price=np.log(data["PRICE"]),
        log_cost=np.full(rows, np.nan),
        rivals=none,
        promotion=data["DISP"][:, None],
        place_facts=none,
        periods_a_year=52,
    ).sorted()
    response = learn_response(panel, [str(name) for name in names], ["cheese"] * len(names), 1)
    own = [demand.estimate.elasticity or 0.0 for demand in response.demands]
    pooled = [one.pooled_mean for one in response.elasticities]
    group = "Cheese, 88 retailers"
    return [
        Figure(group, "retailers with the right sign, each by itself", float(sum(e < 0 for e in own))),
        Figure(
            group,
            "retailers with the right sign after pooling, before it is cut",
            float(sum(e < 0 for e in pooled)),
            88,
        ),
        Figure(group, "least elastic by itself", max(own)),
        Figure(group, "least elastic after pooling", max(pooled)),
    ]
