"""What trees see of a row. The product's own price of the period is not among it: its effect is the elasticity's alone.

Source: docs/spec/demand.md#baseline.
"""

from dataclasses import dataclass

import numpy as np

from quote_service.intelligence.demand.panel import Floats, Panel, earlier, mean_of_earlier, season

#: What names of columns about behaviour begin with.
BEHAVIOUR = "behaviour_"


@dataclass(frozen=True, slots=True)
class Features:
    """Columns with their names, and which way a column may move the forecast (1 up, 0 either)."""

    values: Floats
    names: tuple[str, ...]
    directions: tuple[int, ...]


def features_of(panel: Panel, *, with_behaviour: bool = False) -> Features:
    """Columns for every row, NaN where nothing is known. Units of earlier periods come from the same panel.

    Args:
        panel: The rows.
        with_behaviour: Whether what shoppers did is among the columns, where the panel has it.
    """
    behaviour = panel.behaviour if with_behaviour and panel.behaviour is not None else np.zeros((len(panel), 0))
    named: list[tuple[str, Floats, int]] = [
        ("units_1_before", earlier(panel, panel.log_units, 1), 0),
        ("units_2_before", earlier(panel, panel.log_units, 2), 0),
        ("units_3_before", earlier(panel, panel.log_units, 3), 0),
        ("units_mean_of_4", mean_of_earlier(panel, panel.log_units, 4), 0),
        ("units_mean_of_8", mean_of_earlier(panel, panel.log_units, 8), 0),
        ("price_1_before", earlier(panel, panel.log_price, 1), 0),
        ("price_mean_of_8", mean_of_earlier(panel, panel.log_price, 8), 0),
        # A rival's higher price never takes buyers away from us.
        *((f"rival_{at}", column, 1) for at, column in enumerate(panel.rivals.T)),
        *((f"promotion_{at}", column, 0) for at, column in enumerate(panel.promotion.T)),
        *((f"season_{at}", column, 0) for at, column in enumerate(season(panel).T)),
        *((f"place_{at}", column, 0) for at, column in enumerate(panel.place_facts.T)),
        *((f"{BEHAVIOUR}{at}", column, 0) for at, column in enumerate(behaviour.T)),
        ("product", panel.product.astype(float), 0),
    ]
    return Features(
        values=np.column_stack([column for _, column, _ in named]).astype(np.float32),
        names=tuple(name for name, _, _ in named),
        directions=tuple(direction for _, _, direction in named),
    )
