"""A campaign that is tried out: sales by the hour in, prices by the hour out, and nothing stored.

Source: docs/spec/campaigns.md#simulation.
"""

from typing import Annotated

import msgspec

from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.money.quantities import Factor, Percent
from quote_service.shop.campaigns.model.campaigns import Currency, Hours, PricePoint, TargetSales
from quote_service.shop.campaigns.model.catalog_prices import amount_of, average_of, price_point
from quote_service.shop.campaigns.model.price_path import simulate_price_path
from quote_service.shop.campaigns.model.terms import TARGET_SALES_MAX, CampaignTerms, PriceBounds

#: A simulation holds up everybody else of its worker: so many hours take some ten milliseconds.
SIMULATED_HOURS_MAX = 1000
HourlySales = Annotated[
    list[Annotated[int, msgspec.Meta(ge=0, le=TARGET_SALES_MAX)]], msgspec.Meta(max_length=SIMULATED_HOURS_MAX)
]


class SalesPath(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a campaign is to be tried out with."""

    hourly_sales: HourlySales
    """Units sold in the first hour, in the second, and so on: at most one figure for each hour of the campaign."""


class CampaignSimulationDraft(SalesPath, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A campaign that is not stored, and what it is to be tried out with."""

    duration: Hours
    """Hours from start to end."""
    price_manipulation_limit: Percent
    """How far the price may go up or down, in percent of the starting price."""
    target_sales_count: TargetSales
    """Units to be sold in all."""
    currency: Currency
    """ISO 4217 code of the prices."""
    starting_price: Factor
    """The price of a unit when it starts."""
    min_price: Factor = ExactNumber("0")
    """The lowest that the price may become."""
    max_price: Factor | None = None
    """The highest that the price may become; null for no limit."""


class CampaignSimulation(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a price."""

    currency: str
    """ISO 4217 code of the prices."""
    total_sales: int
    """Units sold."""
    turnover: ExactNumber
    """What they cost, each hour's units at the price of that hour."""
    average_item_price: ExactNumber | None
    """Turnover over units, rounded to the currency's minor unit; null where nothing is sold."""
    price_path: list[PricePoint]
    """From the start to the hour after the last figure: the price that they lead to."""


def simulation_of(
    terms: CampaignTerms, bounds: PriceBounds, hourly_sales: list[int], currency: str
) -> CampaignSimulation:
    """Play a campaign through.

    Args:
        terms: Of the campaign.
        bounds: From `bounds_of`.
        hourly_sales: At most one figure for each hour of the campaign.
        currency: Of the prices.
    """
    path = simulate_price_path(terms, bounds, hourly_sales)
    return CampaignSimulation(
        currency=currency,
        total_sales=path.sales.units,
        turnover=amount_of(path.sales.turnover_minor, currency),
        average_item_price=average_of(path.sales, currency),
        price_path=[price_point(hour.price, bounds.starting_minor, currency) for hour in path.hours],
    )
