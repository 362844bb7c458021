"""Units at a price: the elasticity for the price, and for everything else a mean of the plain response and of trees.

Source: docs/spec/demand.md#baseline.
"""

from dataclasses import dataclass

import numpy as np

from quote_service.intelligence.demand.baseline.features import BEHAVIOUR, Features, features_of
from quote_service.intelligence.demand.baseline.trees import Learner, Trees, learn_trees
from quote_service.intelligence.demand.panel import Floats, Panel, Truths
from quote_service.intelligence.demand.response.learn import Response


@dataclass(frozen=True, slots=True)
class Forecast:
    """What predicts units.

    Attributes:
        response: How price moves them.
        trees: What they are beside that; None leaves it to the response alone.
        share_of_trees: From 0 to 1.
        with_behaviour: Whether the trees have learnt from what shoppers did.
    """

    response: Response
    trees: Trees | None
    share_of_trees: float
    with_behaviour: bool = False

    def log_units(self, panel: Panel, at_log_price: Floats | None = None) -> Floats:
        """Predicted log units of every row. Earlier periods are looked up in the same panel.

        The median, not the mean: units scatter around it as a factor.

        Args:
            panel: With the rows to forecast and those before them.
            at_log_price: Another price of the period for each row; its own when None.
        """
        elasticity = self.response.means()[panel.product]
        forecast = self.response.log_units(panel)
        if self.trees is not None:
            learnt = elasticity * panel.log_price + self.trees.predict(self._features(panel))
            forecast = self.share_of_trees * learnt + (1 - self.share_of_trees) * forecast
        if at_log_price is None:
            return forecast
        return forecast + elasticity * (at_log_price - panel.log_price)

    def log_units_by_behaviour(self, panel: Panel) -> Floats:
        """What of the predicted log units of every row comes from what shoppers did (TreeSHAP); 0 without any."""
        if self.trees is None or not self.with_behaviour:
            return np.zeros(len(panel))
        features = self._features(panel)
        parts = self.trees.contributions(features)
        chosen = [at for at, name in enumerate(features.names) if name.startswith(BEHAVIOUR)]
        return self.share_of_trees * parts[:, chosen].sum(axis=1)

    def _features(self, panel: Panel) -> Features:
        return features_of(panel, with_behaviour=self.with_behaviour)


def learn_forecast(
    response: Response,
    panel: Panel,
    chosen: Truths,
    learner: Learner | None,
    share_of_trees: float,
    seed: int = 1,
    *,
    with_behaviour: bool = False,
) -> Forecast:
    """Learn what the elasticity leaves, from the chosen rows of a panel that holds their earlier periods too."""
    if learner is None or share_of_trees == 0:
        return Forecast(response, None, 0.0)
    rest = panel.log_units - response.means()[panel.product] * panel.log_price
    features = features_of(panel, with_behaviour=with_behaviour)
    return Forecast(response, learn_trees(learner, features, rest, chosen, seed), share_of_trees, with_behaviour)
