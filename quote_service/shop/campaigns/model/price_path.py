"""A campaign that is played through: how many are sold each hour in, the price of each hour out.

Source: docs/spec/campaigns.md#simulation.
"""

from collections.abc import Sequence

import msgspec

from quote_service.shop.campaigns.model.campaign_price import CampaignPrice, campaign_price
from quote_service.shop.campaigns.model.sales import CampaignSales
from quote_service.shop.campaigns.model.terms import CampaignTerms, PriceBounds


class PathHour(msgspec.Struct, frozen=True):
    """One hour of a price path."""

    price: CampaignPrice
    """The price of this hour, with its explanation."""
    units: int
    """Units sold in this hour, at this price; 0 in the last one of a path, which nothing is known of yet."""


class PricePath(msgspec.Struct, frozen=True):
    """What became of the price, and what was sold in all."""

    hours: tuple[PathHour, ...]
    """From the beginning (0 hours elapsed) to the hour after the last one with known sales."""
    sales: CampaignSales
    """Everything that was sold."""


def simulate_price_path(terms: CampaignTerms, bounds: PriceBounds, hourly_sales: Sequence[int]) -> PricePath:
    """Play a campaign through, by the function that runs it.

    Args:
        terms: The campaign's terms.
        bounds: The starting price, and the bounds of the product.
        hourly_sales: Units sold in the first hour, in the second, ...: at most one figure for each hour of the campaign.

    Raises:
        ValueError: There are more hours than the campaign has, or less than nothing was sold in one.
    """
    if len(hourly_sales) > terms.duration_hours:
        raise ValueError(f"the campaign lasts {terms.duration_hours} hours, and {len(hourly_sales)} are given")
    sales = CampaignSales()
    hours = []
    for elapsed, units in enumerate(hourly_sales):
        if units < 0:
            raise ValueError("less than nothing was sold")
        price = campaign_price(terms, bounds, elapsed, sales.units)
        hours.append(PathHour(price, units))
        sales = sales.plus(units, price.price_minor)
    hours.append(PathHour(campaign_price(terms, bounds, len(hourly_sales), sales.units), 0))
    return PricePath(tuple(hours), sales)
