"""The price of a list that earns most even if demand answers worse than expected.

Source: docs/spec/demand.md#optimiser.
"""

from collections.abc import Sequence

import msgspec

from quote_service.intelligence.demand.optimiser.outlook import Offer, doubtful_ends, profit_at, units_at

# The chance that a change earns less than it is chosen for.
USUAL_RISK = 0.25


class Choice(msgspec.Struct, frozen=True):
    """A chosen price.

    Attributes:
        price_minor: One of the candidates.
        sure_gain_minor: What it earns more than the current price over the horizon, but for the risk. An estimate.
        reaches_target: Whether the target is expected to be sold; true without one.
    """

    price_minor: int
    sure_gain_minor: float
    reaches_target: bool


def sure_gain(offer: Offer, price_minor: int, ends: tuple[float, float]) -> float:
    """What a price earns more than the current one at the worse end of the elasticity.

    Units are monotone in the elasticity, so the worse end bounds everything between.
    """
    return min(profit_at(offer, price_minor, end) - profit_at(offer, offer.current_minor, end) for end in ends)


def choose_price(offer: Offer, candidates: Sequence[int], risk: float = USUAL_RISK) -> Choice | None:
    """The candidate with the highest sure gain; of equals the one nearest to the current price, then the lower.

    With a target, only candidates that are expected to sell it count; if none does, the one that sells most.

    Args:
        offer: The product.
        candidates: Legal prices inside the bounds, as `candidate_prices` lists them.
        risk: Between 0 and 0.5; 0.5 takes the elasticity at its middle.

    Returns:
        None when there is no candidate.
    """
    if not candidates:
        return None
    ends = doubtful_ends(offer.elasticity, risk)
    open_to = [price for price in candidates if reaches_target(offer, price, ends)]
    if not open_to:
        most = min(candidates, key=lambda price: (-min(units_at(offer, price, end) for end in ends), price))
        return Choice(most, sure_gain(offer, most, ends), reaches_target=False)
    now = [profit_at(offer, offer.current_minor, end) for end in ends]
    gains = {
        price: min(profit_at(offer, price, end) - earned for end, earned in zip(ends, now, strict=True))
        for price in open_to
    }
    best = min(open_to, key=lambda price: (-gains[price], abs(price - offer.current_minor), price))
    return Choice(best, gains[best], reaches_target=True)


def reaches_target(offer: Offer, price_minor: int, ends: tuple[float, float]) -> bool:
    """Whether a price is expected to sell the target at both ends of the elasticity; true without one."""
    if offer.target_units is None:
        return True
    return min(units_at(offer, price_minor, end) for end in ends) >= offer.target_units
