"""The demand of one product: log units by log price, with an effect for each place.

Beside its own price stand the price of the period before (shoppers stock up), rivals' prices, promotions and the season, so
that what they do is not put down to the price.

Source: docs/spec/demand.md#response.
"""

from dataclasses import dataclass

import numpy as np

from quote_service.intelligence.demand.model import OwnEstimate, PriceVariation
from quote_service.intelligence.demand.panel import (
    Floats,
    Integers,
    Panel,
    Truths,
    earlier,
    filled,
    means_known,
    season,
)
from quote_service.intelligence.demand.response.least_squares import Fit, group_means, least_squares, within

# Places vary by themselves; with fewer of them than this, periods are what may err together.
_ENOUGH_PLACES = 10
_SAME_PRICE = 0.005


@dataclass(frozen=True, slots=True)
class ProductDemand:
    """The fitted demand of one product, which predicts units at any price.

    Attributes:
        estimate: The elasticity and what it was learnt from.
        coefficients: Of the columns of `explaining_columns`, the own price first.
        place_effects: By place; places without rows get the mean of the others.
        rival_means: What stands for a rival's price that is not known; NaN for rivals never seen.
    """

    estimate: OwnEstimate
    coefficients: Floats
    place_effects: Floats
    rival_means: Floats

    def log_units(self, panel: Panel) -> Floats:
        """Predicted log units of rows of this product; the periods before are looked up in the same panel."""
        return explaining_columns(panel, self.rival_means) @ self.coefficients + self.place_effects[panel.place]


def explaining_columns(panel: Panel, rival_means: Floats) -> Floats:
    """What may explain units sold; the own log price is the first column. The panel holds one product."""
    rivals = filled(panel.rivals, rival_means)
    return np.column_stack([panel.log_price, price_before(panel), panel.promotion, rivals, season(panel)])


def price_before(panel: Panel) -> Floats:
    """The log price of the period before; today's where the panel begins."""
    before = earlier(panel, panel.log_price, 1)
    return np.where(np.isnan(before), panel.log_price, before)


def fit_product(panel: Panel, product: str, category: str, places: int) -> ProductDemand:
    """Fit the demand of the one product that the panel holds.

    Args:
        panel: Rows of one product; at least one.
        product: Its id.
        category: Its category, for pooling.
        places: How many places there are, over all products.
    """
    rivals = means_known(panel.rivals)
    columns = explaining_columns(panel, rivals)
    centred, outcome = within(columns, panel.place, places), within(panel.log_units, panel.place, places)
    present = np.unique(panel.place)
    fit = least_squares(outcome, centred, error_clusters(panel, len(present)), absorbed=len(present))
    effects = _place_effects(panel, columns, fit.coefficients, places, present)
    left = _left_of_price(centred)
    return ProductDemand(_estimate(panel, product, category, fit, left), fit.coefficients, effects, rivals)


def fit_product_at(panel: Panel, estimate: OwnEstimate, elasticity: float, places: int) -> ProductDemand:
    """The demand of the same rows when the elasticity is known from elsewhere: everything else is fitted around it."""
    rivals = means_known(panel.rivals)
    columns = explaining_columns(panel, rivals)
    present = np.unique(panel.place)
    rest = within(panel.log_units - elasticity * panel.log_price, panel.place, places)
    others = within(columns[:, 1:], panel.place, places)
    fit = least_squares(rest, others, error_clusters(panel, len(present)), absorbed=len(present))
    coefficients: Floats = np.append(elasticity, fit.coefficients)
    effects = _place_effects(panel, columns, coefficients, places, present)
    return ProductDemand(estimate, coefficients, effects, rivals)


def error_clusters(panel: Panel, places: int) -> Integers:
    """Which rows may err together: those of a place, or of a period where places are few."""
    if places >= _ENOUGH_PLACES:
        return panel.place
    return panel.period - panel.period.min()


def _place_effects(panel: Panel, columns: Floats, coefficients: Floats, places: int, present: Integers) -> Floats:
    unexplained = panel.log_units - columns @ coefficients
    effects = group_means(unexplained, panel.place, places)
    known: Truths = np.zeros(places, dtype=bool)
    known[present] = True
    effects[~known] = float(effects[known].mean())
    return effects


def _left_of_price(centred: Floats) -> float:
    """The spread of the price that nothing else explains."""
    others = centred[:, 1:]
    explained = others @ np.linalg.lstsq(others, centred[:, 0], rcond=None)[0]
    return float(np.std(centred[:, 0] - explained))


def _estimate(panel: Panel, product: str, category: str, fit: Fit, left: float) -> OwnEstimate:
    prices = np.exp(panel.log_price)
    variation = PriceVariation(
        rows=len(panel),
        distinct_prices=len(np.unique(np.round(panel.log_price / _SAME_PRICE))),
        coefficient_of_variation=float(np.std(prices) / np.mean(prices)),
        within=left,
    )
    error = fit.standard_error(0)
    if error <= 0:
        return OwnEstimate(product, category, None, None, variation)
    return OwnEstimate(product, category, float(fit.coefficients[0]), error, variation)
