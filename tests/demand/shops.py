"""Sales of shops whose demand is known, since it is made here: what estimates are held against."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from quote_service.intelligence.demand.panel import Floats, Panel


@dataclass(frozen=True)
class Shop:
    """What is true of made sales.

    Attributes:
        elasticities: Of each product.
        price_moves: How far log prices wander.
        crowds: How far unseen demand moves both the price and sales: above 0, least squares is misled.
        noise: Of log units, seen by nobody.
        places: Stores.
        periods: Weeks.
    """

    elasticities: Sequence[float]
    price_moves: float = 0.15
    crowds: float = 0.0
    noise: float = 0.3
    places: int = 12
    periods: int = 40


def made_sales(shop: Shop, seed: int) -> Panel:
    """Rows of every product in every place and period, by a seed."""
    draw = np.random.default_rng(seed)
    products = len(shop.elasticities)
    shape = (products, shop.places, shop.periods)
    product, place, period = (axis.ravel() for axis in np.indices(shape))
    crowd = draw.normal(size=shape)
    cost = 1.0 + draw.normal(scale=0.1, size=shape).cumsum(axis=2) * 0.3
    promoted = draw.random(shape) < 0.15
    log_price = 1.5 + cost + shop.price_moves * draw.normal(size=shape) + shop.crowds * crowd - 0.1 * promoted
    rival = 1.5 + 0.5 * cost + draw.normal(scale=0.1, size=shape)
    effects = draw.normal(scale=0.5, size=(products, shop.places, 1))
    own: Floats = np.asarray(shop.elasticities)[:, None, None]
    season = 0.2 * np.sin(2 * np.pi * np.arange(shop.periods) / 52)
    log_units = (
        6 + effects + own * log_price + 0.5 * rival + 0.6 * promoted + 2 * shop.crowds * crowd + season
        + shop.noise * draw.normal(size=shape)
    )  # fmt: skip
    return Panel(
        product=product,
        place=place,
        period=period,
        log_units=log_units.ravel(),
        log_price=log_price.ravel(),
        log_cost=cost.ravel(),
        rivals=rival.reshape(-1, 1),
        promotion=promoted.reshape(-1, 1).astype(float),
        place_facts=np.zeros((product.size, 0)),
        periods_a_year=52,
    ).sorted()
