"""The elasticities of products by other methods, where they apply.

Source: docs/spec/demand.md#second-opinions.
"""

from collections.abc import Sequence

import numpy as np

from quote_service.intelligence.demand.model import SecondOpinion
from quote_service.intelligence.demand.panel import Panel
from quote_service.intelligence.demand.response.double_ml import double_ml_elasticity
from quote_service.intelligence.demand.response.instrument import instrument_elasticity

# Each of the parts that models of the others predict must leave these enough to learn from.
ENOUGH_ROWS = 90
# Costs that moved less often are no instrument.
ENOUGH_COSTS = 4


def second_opinions(
    panel: Panel, places: int, methods: Sequence[str] = ("instrument", "double_ml")
) -> list[SecondOpinion]:
    """What other methods say of the one product that the panel holds; of fewer rows than enough nothing.

    Args:
        panel: Rows of one product.
        places: How many places there are, over all products.
        methods: Which to ask.
    """
    if len(panel) < ENOUGH_ROWS:
        return []
    found: list[SecondOpinion | None] = []
    known = panel.log_cost[~np.isnan(panel.log_cost)]
    if "instrument" in methods and len(np.unique(known)) >= ENOUGH_COSTS and len(known) >= ENOUGH_ROWS:
        found.append(instrument_elasticity(panel, places))
    if "double_ml" in methods:
        found.append(double_ml_elasticity(panel))
    return [opinion for opinion in found if opinion is not None and np.isfinite(opinion.standard_error)]
