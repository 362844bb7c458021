"""Two learners of the same kind of table: boosted trees, and a random forest.

Both are XGBoost's, so that both keep the direction of a column and both may have gaps: a forest is one round of many trees, each
on a part of the rows and, at each split, a part of the columns.

Source: Chen and Guestrin, XGBoost (2016); Breiman, Random Forests (2001).
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import xgboost

from quote_service.intelligence.demand.baseline.features import Features
from quote_service.intelligence.demand.panel import Floats, Truths

Learner = Literal["boosted", "forest"]

_SAME: dict[str, Any] = {"objective": "reg:squarederror", "tree_method": "hist", "nthread": 1, "base_score": 0.0}
_BOOSTED: dict[str, Any] = {
    "max_depth": 6, "eta": 0.05, "subsample": 0.8, "colsample_bytree": 0.8, "min_child_weight": 20,
}  # fmt: skip
_ROUNDS = 300
_FOREST: dict[str, Any] = {
    "max_depth": 12, "eta": 1.0, "subsample": 0.632, "colsample_bynode": 0.4, "min_child_weight": 5, "lambda": 0.0,
    "num_parallel_tree": 60,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trees:
    """Learnt trees. The same rows, settings and seed make the same trees."""

    model: Any
    level: float
    names: tuple[str, ...]

    def predict(self, features: Features) -> Floats:
        return self.level + self.model.predict(_matrix(features))

    def contributions(self, features: Features) -> Floats:
        """What each column adds to the forecast of each row (TreeSHAP), and last what does not depend on any."""
        parts: Floats = self.model.predict(_matrix(features), pred_contribs=True).astype(float)
        parts[:, -1] += self.level
        return parts

    def document(self) -> bytes:
        """The trees as JSON, for keeping."""
        return bytes(self.model.save_raw("json"))


def learn_trees(learner: Learner, features: Features, target: Floats, chosen: Truths, seed: int = 1) -> Trees:
    """Learn the target of the chosen rows."""
    rows = Features(features.values[chosen], features.names, features.directions)
    level = float(np.mean(target[chosen]))
    settings = {
        **_SAME,
        **(_BOOSTED if learner == "boosted" else _FOREST),
        "monotone_constraints": features.directions,
        "seed": seed,
    }
    data = _matrix(rows, target[chosen] - level)
    model = xgboost.train(settings, data, num_boost_round=_ROUNDS if learner == "boosted" else 1)
    return Trees(model, level, features.names)


def _matrix(features: Features, target: Floats | None = None) -> Any:
    return xgboost.DMatrix(features.values, target, feature_names=list(features.names), nthread=1)
