"""What is drawn of a scenario: for each product its price, its sales and its demand coefficient, hour by hour.

Values are whole numbers of their smallest shown unit, so that ticks and labels are exact.

Source: docs/spec/campaigns.md#plot.
"""

from typing import NamedTuple

from quote_service.platform.money.amounts import MICRO, round_half_away
from quote_service.shop.campaigns.model.price_path import PricePath, simulate_price_path
from quote_service.shop.campaigns.scenario.shop import Campaign, Product, Shop

PRODUCTS_DRAWN_MAX = 6
_PERIODS = ((1, "an hour"), (24, "a day"), (168, "a week"))
_PERIODS_MAX = 240

Steps = list[tuple[int, int]]
"""Hours in ascending order, and the value from each on until the next."""


class ProductSeries(NamedTuple):
    """One product over time."""

    code: str
    price: Steps
    """In minor units, until the end of the scenario."""
    sales: Steps
    """Units in each period, until the end of the scenario."""
    coefficients: list[Steps]
    """Millionths, one list a campaign; each ends at its last hour."""


def sales_period(hours: int) -> tuple[int, str]:
    """By which hours sales are added up, and what these are called: by so many that each can be distinguished from the next."""
    return next(((each, name) for each, name in _PERIODS if hours <= each * _PERIODS_MAX), _PERIODS[-1])


def series_of(shop: Shop) -> list[ProductSeries]:
    """What is drawn: products with campaigns before those without, up to six."""
    period, _ = sales_period(shop.hour)
    ranked = sorted(shop.products.values(), key=lambda product: (not product.campaigns, not product.hourly_units))
    return [_product_series(product, shop.hour, period) for product in ranked[:PRODUCTS_DRAWN_MAX]]


def _product_series(product: Product, hour: int, period: int) -> ProductSeries:
    price: Steps = [(product.created_hour, product.price_minor)]
    coefficients = []
    for campaign in product.campaigns:
        path = _path(campaign, hour)
        price += [(campaign.started_hour + at, each.price.price_minor) for at, each in enumerate(path.hours)]
        found = []
        for at, each in enumerate(path.hours):
            coefficient = each.price.demand_coefficient
            if coefficient is not None:
                micro = round_half_away(coefficient.numerator * MICRO, coefficient.denominator)
                found.append((campaign.started_hour + at, micro))
        coefficients.append(found)
    return ProductSeries(
        product.code, price, _sales(product, period, hour + 1), [each for each in coefficients if each]
    )


def _path(campaign: Campaign, hour: int) -> PricePath:
    """A campaign so far, worked out again from what was sold in each hour of it."""
    full_hours = min(hour - campaign.started_hour, campaign.terms.duration_hours)
    units = [campaign.hourly_units.get(at, 0) for at in range(full_hours)]
    return simulate_price_path(campaign.terms, campaign.bounds, units)


def _sales(product: Product, period: int, end: int) -> Steps:
    units_in: dict[int, int] = {}
    for hour, units in product.hourly_units.items():  # in the order of time, as they were sold
        units_in[hour // period] = units_in.get(hour // period, 0) + units
    steps: Steps = [(product.created_hour, 0)]
    for number, units in units_in.items():
        begin = max(number * period, product.created_hour)
        steps += [(begin, units), (min((number + 1) * period, end), 0)]
    return steps
