"""What a price is expected to sell and earn, as far as the elasticity is known.

Source: docs/spec/demand.md#optimiser.
"""

from math import inf

import msgspec

from quote_service.intelligence.demand.model import Elasticity
from quote_service.intelligence.demand.response.pooling import LEAST_ELASTIC, MOST_ELASTIC
from quote_service.intelligence.demand.response.truncated import quantile_of


class Offer(msgspec.Struct, frozen=True):
    """A product whose price is looked for, over a horizon; amounts in minor units of one currency.

    Attributes:
        current_minor: The price that `units` are expected at.
        cost_minor: Of one unit.
        units: Expected over the horizon at the current price.
        elasticity: Of its demand.
        stock: Units that can be sold over the horizon; None is no limit.
        target_units: Units that are to be sold over the horizon, whatever they earn; None is no target.
    """

    current_minor: int
    cost_minor: int
    units: float
    elasticity: Elasticity
    stock: int | None = None
    target_units: int | None = None


class Outlook(msgspec.Struct, frozen=True):
    """What a price is expected to bring. For people: estimates, rounded once.

    Attributes:
        price_minor: The price.
        units: Expected units, with `units_low` .. `units_high` at the ends of the elasticity's interval.
        revenue_minor: Expected.
        profit_minor: Expected, revenue less cost.
    """

    price_minor: int
    units: float
    units_low: float
    units_high: float
    revenue_minor: int
    profit_minor: int


def units_at(offer: Offer, price_minor: int, elasticity: float) -> float:
    """Units at a price, by an elasticity, no more than the stock. A negative price sells nothing; infinite demand the stock."""
    if price_minor <= 0:
        return 0.0
    try:
        wanted: float = offer.units * (price_minor / offer.current_minor) ** elasticity
    except OverflowError:
        wanted = inf
    return wanted if offer.stock is None else min(wanted, float(offer.stock))


def profit_at(offer: Offer, price_minor: int, elasticity: float) -> float:
    """Profit in minor units, an estimate."""
    return (price_minor - offer.cost_minor) * units_at(offer, price_minor, elasticity)


def outlook(offer: Offer, price_minor: int) -> Outlook:
    """What to expect of a price."""
    units = units_at(offer, price_minor, offer.elasticity.mean)
    ends = sorted(units_at(offer, price_minor, end) for end in (offer.elasticity.low, offer.elasticity.high))
    return Outlook(
        price_minor=price_minor,
        units=units,
        units_low=ends[0],
        units_high=ends[1],
        revenue_minor=round(price_minor * units),
        profit_minor=round((price_minor - offer.cost_minor) * units),
    )


def doubtful_ends(elasticity: Elasticity, risk: float) -> tuple[float, float]:
    """The elasticities that demand is at least and at most as elastic as, but for a chance of `risk` each."""
    known = (elasticity.pooled_mean, elasticity.pooled_deviation, MOST_ELASTIC, LEAST_ELASTIC)
    return quantile_of(*known, risk), quantile_of(*known, 1 - risk)
