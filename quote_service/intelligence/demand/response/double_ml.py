"""Second opinion: what the price explains of sales, after a learnt model has explained both without it.

Trees predict sales and price from everything else, each part of the data by a model that has not seen it; the elasticity is
the slope between what is left of the two. The period itself is not among what the trees see: chain-wide prices are nearly
known by it, and then nothing is left to learn from.

Source: Chernozhukov et al., Double/Debiased Machine Learning for Treatment and Structural Parameters (2018), section 4.1
(partialling out, cross-fitting).
"""

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from quote_service.intelligence.demand.model import SecondOpinion
from quote_service.intelligence.demand.panel import (
    Floats,
    Integers,
    Panel,
    Truths,
    codes,
    earlier,
    filled,
    means_known,
    season,
)
from quote_service.intelligence.demand.response.least_squares import least_squares
from quote_service.intelligence.demand.response.log_log import error_clusters
from quote_service.intelligence.demand.threads import one_thread

# With less of the price left than this, its slope is noise.
_LEAST_LEFT = 0.005


def double_ml_elasticity(panel: Panel, folds: int = 3, seed: int = 1) -> SecondOpinion | None:
    """The elasticity of the one product that the panel holds. None: other columns leave nothing of its price to learn from.

    Args:
        panel: Rows of one product.
        folds: Parts that are predicted by models of the other parts; places are kept together, or else periods.
        seed: Of the draw of the parts.
    """
    before = earlier(panel, panel.log_price, 1)
    known = np.column_stack([before, panel.rivals, panel.promotion, season(panel), panel.place_facts, panel.place])
    known = filled(known, means_known(known))
    present = len(np.unique(panel.place))
    clusters = error_clusters(panel, present)
    parts = _parts(clusters, folds, seed)
    price_left, units_left = np.empty(len(panel)), np.empty(len(panel))
    for part in range(folds):
        seen, unseen = parts != part, parts == part
        if not seen.any() or not unseen.any():
            return None
        price_left[unseen] = panel.log_price[unseen] - _predicted(known, panel.log_price, seen, unseen, seed)
        units_left[unseen] = panel.log_units[unseen] - _predicted(known, panel.log_units, seen, unseen, seed)
    if float(np.std(price_left)) < _LEAST_LEFT:
        return None
    fit = least_squares(units_left, price_left[:, None], clusters)
    return SecondOpinion(
        method="double_ml",
        elasticity=float(fit.coefficients[0]),
        standard_error=fit.standard_error(0),
        strength=float(np.var(price_left)) / max(float(np.var(panel.log_price)), 1e-12),
        rows=len(panel),
    )


def _parts(clusters: Integers, folds: int, seed: int) -> Integers:
    """A part for each row; rows of one cluster are in one part."""
    numbers, distinct = codes(clusters)
    drawn = np.random.default_rng(seed).permutation(len(distinct)) % folds
    return drawn[numbers]


def _predicted(known: Floats, target: Floats, seen: Truths, unseen: Truths, seed: int) -> Floats:
    model = HistGradientBoostingRegressor(max_iter=150, learning_rate=0.08, min_samples_leaf=20, random_state=seed)
    with one_thread():
        return model.fit(known[seen], target[seen]).predict(known[unseen])
