"""Weekly sales of 11 orange juices in 83 stores of one chain, with prices, promotions and margins.

Source: `orangeJuice` of the R package bayesm; Montgomery, Creating Micro-Marketing Pricing Strategies (1997).
"""

from typing import Any

import numpy as np

from quote_service.intelligence.demand.panel import Panel, codes

BRANDS = 11
LAST_TRAINING_WEEK = 140
# Per ounce in the data; a half-gallon carton.
OUNCES = 64


def orange_juice_panel(data: dict[str, Any]) -> Panel:
    """Everything of `read_r_data(...)["orangeJuice"]`; prices of a carton of 64 ounces, cost from the margin in percent."""
    sales, stores = data["yx"], data["storedemo"]
    brand = sales["brand"] - 1
    place, numbers = codes(sales["store"])
    rivals = np.log(np.column_stack([sales[f"price{at}"] for at in range(1, BRANDS + 1)]) * OUNCES)
    rows = np.arange(len(brand))
    log_price = rivals[rows, brand].copy()
    rivals[rows, brand] = np.nan
    facts = np.column_stack([stores[name] for name in stores if name != "STORE"])
    order = {store: at for at, store in enumerate(stores["STORE"])}
    return Panel(
        product=brand,
        place=place,
        period=sales["week"],
        log_units=sales["logmove"],
        log_price=log_price,
        log_cost=log_price + np.log(np.maximum(1 - sales["profit"] / 100, 0.01)),
        rivals=rivals,
        promotion=np.column_stack([sales["deal"], sales["feat"]]).astype(float),
        place_facts=facts[[order[store] for store in numbers]][place],
        periods_a_year=52,
    ).sorted()
