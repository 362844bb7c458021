"""What price rules do to a price, type by type; their effects stand with their types.

Source: docs/spec/pricing-rules.md#price-rules.
"""

from typing import Any, Final

from quote_service.platform.money.amounts import MICRO, PERCENT_MICRO, round_half_away
from quote_service.pricing.catalog.offer import Offer
from quote_service.pricing.catalog.price_change import PriceChange

# A rate that is one tenth past what was expected is worth `per_tenth_micro`.
_TENTHS: Final = 10


def adjust_always(effect: Any, offer: Offer) -> PriceChange | None:
    """The one change of a rule."""
    change: PriceChange = effect.change
    return change


def adjust_by_tier(effect: Any, offer: Offer) -> PriceChange | None:
    """The change for the customer's tier."""
    tier = offer.customer_tier
    changes: dict[str, PriceChange] = effect.changes
    return None if tier is None else changes.get(tier)


def adjust_by_quantity(effect: Any, offer: Offer) -> PriceChange | None:
    """The change of the highest break that is reached."""
    quantity = offer.product_quantity if effect.across_variants else offer.quantity
    found: PriceChange | None = None
    for min_quantity, change in effect.breaks:
        if quantity < min_quantity:
            break
        found = change
    return found


def stock_of(offer: Offer) -> int | None:
    """The units that can be sold: of the variant, or of its product where it has none of its own; None if unknown."""
    product, stock = offer.product, offer.catalog.stock
    own = stock.get(product.item_id)
    return stock.get(product.product_id) if own is None else own


def adjust_by_stock(effect: Any, offer: Offer) -> PriceChange | None:
    """The change for little stock, or for much."""
    stock = stock_of(offer)
    change: PriceChange | None = None
    if stock is not None:
        if effect.low is not None and stock < effect.low[0]:
            change = effect.low[1]
        elif effect.high is not None and stock > effect.high[0]:
            change = effect.high[1]
    return change


def units_sold(offer: Offer, hours: int) -> int | None:
    """The units of the product that were sold in the last hours; None where that is not known."""
    catalog = offer.catalog
    sold: int | None = catalog.demand.get((offer.product.product_id, hours))
    if sold is None and hours in catalog.demand_hours:
        return 0
    return sold


def adjust_by_demand(effect: Any, offer: Offer) -> PriceChange | None:
    """The change by what is sold an hour, against what was expected.

    With r = sold / (window_hours x expected_per_hour) it is (r - 1) x 10 x percent_per_10_percent percent, held to
    min_percent and max_percent: linear, and exact.
    """
    window_hours: int = effect.window_hours
    sold = units_sold(offer, window_hours)
    if sold is None:
        return None
    expected_micro: int = window_hours * effect.expected_micro
    # In millionths of a percent, as a fraction of `expected_micro`.
    percent: int = (sold * MICRO - expected_micro) * _TENTHS * effect.per_tenth_micro
    held: PriceChange | None = None
    if percent >= effect.max_micro * expected_micro:
        held = effect.at_most
    elif percent <= effect.min_micro * expected_micro:
        held = effect.at_least
    if held is not None:
        return held
    whole = PERCENT_MICRO * expected_micro
    return PriceChange(whole + percent, whole, 0, percent_micro=round_half_away(percent, expected_micro))
