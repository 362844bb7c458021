"""What is told of a market: trends, demand, distribution and volatility.

Source: docs/spec/market-analysis.md#in-the-api.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from quote_service.platform.money.numbers import ExactNumber

DistributionKind = Literal["competitor", "platform"]
Subject = Literal["own", "market", "competitor"]


class OwnPrice(msgspec.Struct, frozen=True, kw_only=True):
    """Our price on a day."""

    open: ExactNumber | None
    """At the beginning of the day; null where there was none."""
    close: ExactNumber | None
    """At its end, or now; null where there was none any more."""
    low: ExactNumber
    """The lowest of the day."""
    high: ExactNumber
    """The highest of the day."""
    moves: int
    """How often it moved."""
    lowest_30_days: ExactNumber
    """The lowest at any moment of the 30 days that end with this one."""
    change_7_days: Decimal | None
    """How far `close` is above that of 7 days before, over the latter; null where one of them is missing."""
    change_30_days: Decimal | None
    """The same of 30 days."""


class RivalPrices(msgspec.Struct, frozen=True, kw_only=True):
    """What competitors' listings of a product cost at the end of a day."""

    listings: int
    """How many have a price that counts."""
    low: ExactNumber
    """The lowest price of one unit of ours."""
    lower_quartile: ExactNumber
    """A quarter of the listings cost this or less."""
    median: ExactNumber
    """Half of the listings cost this or less."""
    upper_quartile: ExactNumber
    """Three quarters of the listings cost this or less."""
    high: ExactNumber
    """The highest."""
    mean: Decimal
    """Their mean."""
    cheaper: int
    """How many cost less than ours; this and the next two are 0 where we have no price."""
    equal: int
    """How many cost the same."""
    dearer: int
    """How many cost more."""


class TrendDay(msgspec.Struct, frozen=True, kw_only=True):
    """A day of a product."""

    day: date
    """The day, by the time zone of reports."""
    price: OwnPrice | None
    """Our price; null where there was none all day."""
    competitors: RivalPrices | None
    """What competitors charged; null where nothing is known that counts."""


class TrendCurrency(msgspec.Struct, frozen=True, kw_only=True):
    """The days of a product in one currency."""

    currency: str
    """ISO 4217 code."""
    days: list[TrendDay]
    """In order; days of which nothing is known are left out."""


class DemandDay(msgspec.Struct, frozen=True, kw_only=True):
    """What was sold on a day."""

    day: date
    """The day, by the time zone of reports."""
    units: int
    """Units ordered."""
    orders: int
    """Order lines."""
    revenue: Decimal
    """Lines less discounts."""
    price_paid: Decimal | None
    """Revenue over units; null where none were ordered."""
    units_returned: int
    """Units that refunds and cancellations of the day gave back."""
    units_7_days: int
    """Units of the 7 days that end with this one."""
    units_28_days: int
    """Units of the 28 days that end with this one."""
    price: ExactNumber | None
    """Our price at the end of the day; null where there was none."""


class DemandCurrency(msgspec.Struct, frozen=True, kw_only=True):
    """What was sold of a product in one currency."""

    currency: str
    """ISO 4217 code."""
    units: int
    """Units of the whole period."""
    revenue: Decimal
    """Revenue of the whole period."""
    days: list[DemandDay]
    """In order; with 0 units where nothing was ordered though it had a price."""


class MarketFreshness(msgspec.Struct, frozen=True, kw_only=True):
    """How new figures are."""

    analysed_at: datetime | None
    """When they were worked out; null where they have not been yet."""
    day: date | None
    """The last day that they are of."""


class Trends(msgspec.Struct, frozen=True, kw_only=True):
    """How prices of a product went."""

    product_id: UUID
    """The product."""
    freshness: MarketFreshness
    """How new the figures are."""
    currencies: list[TrendCurrency]
    """Each currency by itself; none is converted."""


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """What was sold of a product."""

    product_id: UUID
    """The product."""
    freshness: MarketFreshness
    """How new the figures are."""
    currencies: list[DemandCurrency]
    """Each currency by itself; none is converted."""


class ProductDistribution(msgspec.Struct, frozen=True, kw_only=True):
    """How one competitor, or one platform, prices a product: its prices at the end of each of the last 30 days."""

    currency: str
    """ISO 4217 code."""
    key: str
    """Id of the competitor; or the platform: a marketplace (`amazon`, `ebay`, `walmart`), a host, or the kind of source."""
    name: str
    """The competitor's name; the platform."""
    listings: int
    """How many listings it has of the product."""
    days: int
    """Days of the 30 of which a price is known."""
    prices: int
    """Prices that were counted: one of a listing and a day."""
    low: ExactNumber
    """The lowest of them."""
    lower_quartile: ExactNumber
    """A quarter of them are this or less."""
    median: ExactNumber
    """Half of them are this or less."""
    upper_quartile: ExactNumber
    """Three quarters of them are this or less."""
    high: ExactNumber
    """The highest."""
    mean: Decimal
    """Their mean."""
    newest: ExactNumber | None
    """The lowest at the end of the last day; null where it has none any more."""
    cheaper: int
    """How many were below our price of the same day."""
    equal: int
    """How many were the same."""
    dearer: int
    """How many were above it."""
    price_index: Decimal | None
    """Their prices over ours of the same days: 0.95 is 5 % below us. Null where we had no price on any of them."""


class MarketShare(msgspec.Struct, frozen=True, kw_only=True):
    """How one competitor, or one platform, prices our whole catalog over the last 30 days."""

    currency: str
    """ISO 4217 code."""
    key: str
    """Id of the competitor; or the platform."""
    name: str
    """The competitor's name; the platform."""
    products: int
    """How many of our products it sells."""
    listings: int
    """With how many listings."""
    prices: int
    """Prices that were counted: one of a listing and a day."""
    cheaper: int
    """How many were below our price of the same day."""
    equal: int
    """How many were the same."""
    dearer: int
    """How many were above it."""
    cheaper_share: Decimal | None
    """`cheaper` over all that were compared; null where none were."""
    price_index: Decimal | None
    """Their prices over ours of the same products and days: 0.95 is 5 % below us; null where none were compared."""


class ProductVolatility(msgspec.Struct, frozen=True, kw_only=True):
    """How much a price of a product varied, by its price at the end of each day."""

    currency: str
    """ISO 4217 code."""
    subject: Subject
    """`own`: our price. `market`: the median of competitors. `competitor`: the lowest of one competitor."""
    competitor_id: UUID | None
    """The competitor; null for the others."""
    competitor: str | None
    """Its name."""
    window_days: int
    """Of the last 30 or 90 days."""
    days: int
    """Days with a price."""
    low: ExactNumber
    """The lowest."""
    high: ExactNumber
    """The highest."""
    mean: Decimal
    """Their mean."""
    rises: int
    """Days on which it was above the day with a price before it, both of them within the window."""
    falls: int
    """Days on which it was below it."""
    variation: Decimal
    """Standard deviation over mean: 0.05 is 5 %."""


class VolatileProduct(msgspec.Struct, frozen=True, kw_only=True):
    """A product, by how much its price varied."""

    product_id: UUID
    """The product."""
    sku: str
    """Its SKU."""
    name: str
    """Its name."""
    currency: str
    """ISO 4217 code."""
    days: int
    """Days with a price."""
    low: ExactNumber
    """The lowest."""
    high: ExactNumber
    """The highest."""
    mean: Decimal
    """Their mean."""
    rises: int
    """Days on which it was above the day with a price before it, both of them within the window."""
    falls: int
    """Days on which it was below it."""
    variation: Decimal
    """Standard deviation over mean: 0.05 is 5 %."""
