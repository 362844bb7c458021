"""Days of the market as the panel that demand is learnt from: what the shop itself could know.

Source: docs/spec/demonstration.md#the-judge.
"""

from collections.abc import Sequence

import numpy as np

from quote_service.intelligence.demand.panel import Panel
from quote_service.lab.demonstration.model.market import DayOfGood


def panel_of(days_sold: Sequence[DayOfGood]) -> Panel:
    """Days with sales, in the order of a panel. Weekends stand beside promotions, since they bring crowds too."""
    sold = sorted((day for day in days_sold if day.units), key=lambda day: (day.good, day.day))
    return Panel(
        product=np.array([day.good for day in sold]),
        place=np.zeros(len(sold), dtype=int),
        period=np.array([day.day for day in sold]),
        log_units=np.log([float(day.units) for day in sold]),
        log_price=np.log([float(day.price_minor) for day in sold]),
        log_cost=np.log([float(day.cost_minor) for day in sold]),
        rivals=np.log(np.array([day.rivals_minor for day in sold], dtype=float)),
        promotion=np.array([[float(day.is_promoted), float(day.day % 7 >= 5)] for day in sold]),
        place_facts=np.zeros((len(sold), 0)),
        periods_a_year=365,
    )
