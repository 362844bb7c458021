"""What is often done instead: trees that see the price itself, and the price they say earns most. For comparison only.

Source: docs/spec/demand.md#figures.
"""

from dataclasses import dataclass

import numpy as np

from quote_service.intelligence.demand.baseline.features import Features, features_of
from quote_service.intelligence.demand.baseline.trees import Learner, Trees, learn_trees
from quote_service.intelligence.demand.panel import Floats, Panel, Truths


@dataclass(frozen=True, slots=True)
class PriceInside:
    """Trees with the own price among their columns, before all others."""

    trees: Trees
    features: Features

    def log_units(self, chosen: Truths, at_log_price: Floats) -> Floats:
        """Predicted log units of the chosen rows at another price."""
        values = self.features.values[chosen].copy()
        values[:, 0] = at_log_price
        return self.trees.predict(Features(values, self.features.names, self.features.directions))


def learn_price_inside(panel: Panel, seen: Truths, learner: Learner, monotone: bool) -> PriceInside:
    """Learn units directly from everything and the price, which may be told to move them down only."""
    others = features_of(panel)
    features = Features(
        np.column_stack([panel.log_price.astype(np.float32), others.values]),
        ("price", *others.names),
        (-1 if monotone else 0, *(others.directions if monotone else (0,) * len(others.names))),
    )
    return PriceInside(learn_trees(learner, features, panel.log_units, seen), features)
