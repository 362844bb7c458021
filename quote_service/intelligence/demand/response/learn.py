"""The response of all products of a panel: own estimates, pooled, and every demand fitted again at its pooled elasticity.

Source: docs/spec/demand.md#response.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from quote_service.intelligence.demand.model import Elasticity
from quote_service.intelligence.demand.panel import Floats, Panel
from quote_service.intelligence.demand.response.log_log import ProductDemand, fit_product, fit_product_at
from quote_service.intelligence.demand.response.pooling import pool_elasticities
from quote_service.intelligence.demand.threads import one_thread


@dataclass(frozen=True, slots=True)
class Response:
    """How each product answers to its price, in the order of the panel's numbers.

    Attributes:
        elasticities: As they may be used, with doubts.
        demands: Predict units; their price response is the elasticity's mean, so no product is predicted to sell more at a
            higher price.
    """

    elasticities: tuple[Elasticity, ...]
    demands: tuple[ProductDemand, ...]

    def means(self) -> Floats:
        """The elasticity of each product by its number."""
        return np.array([elasticity.mean for elasticity in self.elasticities])

    def log_units(self, panel: Panel) -> Floats:
        """Predicted log units of every row."""
        predicted: Floats = np.empty(len(panel))
        for product, demand in enumerate(self.demands):
            chosen = panel.product == product
            if chosen.any():
                predicted[chosen] = demand.log_units(panel.rows(chosen))
        return predicted


def learn_response(panel: Panel, products: Sequence[str], categories: Sequence[str], places: int) -> Response:
    """Learn from a panel in which every product has a row.

    Args:
        panel: Sorted.
        products: The id of each product, by its number.
        categories: The category of each.
        places: How many places there are.
    """
    with one_thread():
        parts = [panel.rows(panel.product == at) for at in range(len(products))]
        own = [
            fit_product(part, product, category, places)
            for part, product, category in zip(parts, products, categories, strict=True)
        ]
        elasticities = pool_elasticities([demand.estimate for demand in own])
        demands = [
            fit_product_at(part, demand.estimate, elasticity.mean, places)
            for part, demand, elasticity in zip(parts, own, elasticities, strict=True)
        ]
    return Response(tuple(elasticities), tuple(demands))
