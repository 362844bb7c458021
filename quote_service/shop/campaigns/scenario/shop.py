"""The shop of a scenario: its products, its campaigns and its clock, changed by one command at a time.

A method does all of what it says or raises `BadCommand` and does nothing. Prices are worked out when somebody looks, by
the hour that has been reached: that is the rule that missed hours are made up by the last one, and it makes
`increase_time` cost the same however far it goes.

Source: docs/spec/campaigns.md#scenario-files.
"""

from dataclasses import dataclass, field

from quote_service.shop.campaigns.model.campaign_price import campaign_price
from quote_service.shop.campaigns.model.sales import CampaignSales
from quote_service.shop.campaigns.model.terms import DURATION_HOURS_MAX, CampaignStatus, CampaignTerms, PriceBounds
from quote_service.shop.campaigns.scenario.outcomes import (
    CampaignCreated,
    CampaignInfo,
    OrderCreated,
    ProductCreated,
    ProductInfo,
    TimeIncreased,
)

HOURS_MAX = DURATION_HOURS_MAX  # so that the longest campaign fits, from the first hour to the last


class BadCommand(ValueError):
    """A line that cannot be done; its message says what is wrong with it, for a person."""


@dataclass(slots=True)
class Campaign:
    """A campaign, with what was sold in each hour of it (hours in which nothing was are left out)."""

    name: str
    terms: CampaignTerms
    bounds: PriceBounds
    started_hour: int
    price_minor: int
    priced_hour: int = 0
    sales: CampaignSales = field(default_factory=CampaignSales)
    hourly_units: dict[int, int] = field(default_factory=dict)

    def status(self, hour: int) -> CampaignStatus:
        """Whether it still runs at an hour. One of a scenario begins when it is created, so it is never scheduled."""
        return "active" if hour - self.started_hour < self.terms.duration_hours else "ended"

    def price_at(self, hour: int) -> int:
        """The price at an hour that no earlier one is asked for after: what is sold by now was sold before it."""
        elapsed = hour - self.started_hour
        if elapsed != self.priced_hour:
            self.priced_hour = elapsed
            self.price_minor = campaign_price(self.terms, self.bounds, elapsed, self.sales.units).price_minor
        return self.price_minor


@dataclass(slots=True)
class Product:
    """A product, with its campaigns in the order of time: the last one may be running."""

    code: str
    price_minor: int
    stock: int
    created_hour: int
    campaigns: list[Campaign] = field(default_factory=list)
    hourly_units: dict[int, int] = field(default_factory=dict)

    def running(self, hour: int) -> Campaign | None:
        """The campaign that runs at this hour, which is the latest that there is."""
        if self.campaigns and self.campaigns[-1].status(hour) == "active":
            return self.campaigns[-1]
        return None

    def price_at(self, hour: int) -> int:
        """What one unit costs at this hour, in minor units."""
        campaign = self.running(hour)
        return self.price_minor if campaign is None else campaign.price_at(hour)


class Shop:
    """Everything that a scenario has made so far. Time is a whole number of hours, from 0."""

    def __init__(self) -> None:
        self.hour = 0
        self.products: dict[str, Product] = {}
        self.campaigns: dict[str, Campaign] = {}

    def create_product(self, code: str, price_minor: int, stock: int) -> ProductCreated:
        if code in self.products:
            raise BadCommand(f'product "{code}" exists already')
        self.products[code] = Product(code, price_minor, stock, self.hour)
        return ProductCreated(code, price_minor, stock)

    def get_product_info(self, code: str) -> ProductInfo:
        product = self._product(code)
        return ProductInfo(code, product.price_at(self.hour), product.stock)

    def create_order(self, code: str, quantity: int) -> OrderCreated:
        product = self._product(code)
        if quantity > product.stock:
            raise BadCommand(f'product "{code}" has {product.stock} in stock, not {quantity}')
        price_minor = product.price_at(self.hour)
        product.stock -= quantity
        product.hourly_units[self.hour] = product.hourly_units.get(self.hour, 0) + quantity
        campaign = product.running(self.hour)
        if campaign is not None:
            elapsed = self.hour - campaign.started_hour
            campaign.sales = campaign.sales.plus(quantity, price_minor)
            campaign.hourly_units[elapsed] = campaign.hourly_units.get(elapsed, 0) + quantity
        return OrderCreated(code, quantity, price_minor)

    def create_campaign(
        self, name: str, code: str, duration_hours: int, limit_percent_micro: int, target_sales_count: int
    ) -> CampaignCreated:
        if name in self.campaigns:
            raise BadCommand(f'campaign "{name}" exists already')
        product = self._product(code)
        running = product.running(self.hour)
        if running is not None:
            raise BadCommand(f'campaign "{running.name}" is running on product "{code}"')
        if duration_hours > HOURS_MAX - self.hour:
            raise BadCommand(f"the campaign would end after time does: {HOURS_MAX - self.hour} hours are left")
        terms = CampaignTerms(duration_hours, limit_percent_micro, target_sales_count)
        campaign = Campaign(name, terms, PriceBounds(product.price_minor), self.hour, product.price_minor)
        product.campaigns.append(campaign)
        self.campaigns[name] = campaign
        return CampaignCreated(name, code, duration_hours, limit_percent_micro, target_sales_count)

    def get_campaign_info(self, name: str) -> CampaignInfo:
        campaign = self.campaigns.get(name)
        if campaign is None:
            raise BadCommand(f'there is no campaign "{name}"')
        sales = campaign.sales
        return CampaignInfo(
            name,
            campaign.status(self.hour),
            campaign.terms.target_sales_count,
            sales.units,
            sales.turnover_minor,
            sales.average_minor,
        )

    def increase_time(self, hours: int) -> TimeIncreased:
        if hours > HOURS_MAX - self.hour:
            raise BadCommand(f"time ends after {HOURS_MAX} hours: {HOURS_MAX - self.hour} are left")
        self.hour += hours
        return TimeIncreased(self.hour)

    def _product(self, code: str) -> Product:
        product = self.products.get(code)
        if product is None:
            raise BadCommand(f'there is no product "{code}"')
        return product
