"""Units at a price: the elasticity for the price, and for everything else a mean of the plain response and of trees.

Source: docs/spec/demand.md#baseline.
"""

from dataclasses import dataclass

from quote_service.demand.baseline.features import features_of
from quote_service.demand.baseline.trees import Learner, Trees, learn_trees
from quote_service.demand.panel import Floats, Panel, Truths
from quote_service.demand.response.learn import Response


@dataclass(frozen=True, slots=True)
class Forecast:
    """What predicts units.

    Attributes:
        response: How price moves them.
        trees: What they are beside that; None leaves it to the response alone.
        share_of_trees: From 0 to 1.
    """

    response: Response
    trees: Trees | None
    share_of_trees: float

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
            learnt = elasticity * panel.log_price + self.trees.predict(features_of(panel))
            forecast = self.share_of_trees * learnt + (1 - self.share_of_trees) * forecast
        if at_log_price is None:
            return forecast
        return forecast + elasticity * (at_log_price - panel.log_price)


def learn_forecast(
    response: Response, panel: Panel, chosen: Truths, learner: Learner | None, share_of_trees: float, seed: int = 1
) -> Forecast:
    """Learn what the elasticity leaves, from the chosen rows of a panel that holds their earlier periods too."""
    if learner is None or share_of_trees == 0:
        return Forecast(response, None, 0.0)
    rest = panel.log_units - response.means()[panel.product] * panel.log_price
    return Forecast(response, learn_trees(learner, features_of(panel), rest, chosen, seed), share_of_trees)
