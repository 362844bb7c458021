"""How a flash sale went: the figures that are shown, per sale, per currency and per product.

A rate is a fraction of 1, an amount has the digits of its currency, an average price may have up to six. What cannot be
told is null, and `missing` says of each such figure why.

Source: spec 7, Analytics.
"""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from quote_service.domain.flash_sales.sale import SaleState
from quote_service.domain.numbers import ExactNumber

MissingReason = Literal["no_views", "no_purchases", "nothing_allocated", "units_left", "units_reserved", "no_revenue"]
NotEnoughData = Literal["not_on_sale", "no_units_before", "too_few_units_in_sale", "too_few_units_before", "same_price"]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Purchases that became the same, with their units and what these cost."""

    purchases: int
    units: int
    amount: ExactNumber


class Outcomes(msgspec.Struct, frozen=True, kw_only=True):
    """Every purchase that is recorded, by what became of it; only confirmed ones count as bought."""

    confirmed: Outcome
    reserved: Outcome
    rejected: Outcome
    expired: Outcome
    cancelled: Outcome


class DayFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What was bought on one day of the time zone asked for; days without a purchase are left out."""

    day: date
    purchases: int
    units: int
    revenue: ExactNumber


class Peak(msgspec.Struct, frozen=True, kw_only=True):
    """The clock minute or hour in which the most units were bought, the earliest of several.

    `local_time` is the instant `starts_at` by the clock of the time zone asked for, with its offset.
    """

    starts_at: datetime
    local_time: str
    purchases: int
    units: int


class ComparedTime(msgspec.Struct, frozen=True, kw_only=True):
    """One side of a comparison: what was sold in `hours` hours from `starts_at` to `ends_at`, and at what price."""

    starts_at: datetime
    ends_at: datetime
    hours: ExactNumber
    units: int
    units_per_hour: ExactNumber
    average_price: ExactNumber | None


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where units before the sale come from, and what was paid for them."""

    units: int
    amount: ExactNumber


class Sources(msgspec.Struct, frozen=True, kw_only=True):
    """Confirmed purchases of earlier sales, and lines of accepted quotes that did not show a sale price."""

    earlier_sales: Source
    accepted_quotes: Source


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The sale beside the days before it; `sale` is null while it has not begun."""

    sale: ComparedTime | None
    before: ComparedTime
    sources: Sources


class Elasticity(msgspec.Struct, frozen=True, kw_only=True):
    """Arc elasticity of units per hour, or why it cannot be told.

    Below -1, what is sold grows faster than the price falls. It wants `units_wanted` units on both sides.
    """

    value: ExactNumber | None
    not_enough_data: NotEnoughData | None
    units_wanted: int
    comparison: Comparison


class BasketSide(msgspec.Struct, frozen=True, kw_only=True):
    """Products together: units, units per hour, and the average price of what was sold in the sale."""

    units: int
    units_per_hour: ExactNumber
    average_price: ExactNumber


class BasketElasticity(msgspec.Struct, frozen=True, kw_only=True):
    """Arc elasticity of the products of a currency that were sold both in the sale and before, taken together.

    Both prices are averages weighted with the units sold in the sale, so that another mix of products is no other price.
    """

    value: ExactNumber | None
    not_enough_data: NotEnoughData | None
    units_wanted: int
    products_compared: int
    sale: BasketSide | None
    before: BasketSide | None


class ProductAnalytics(msgspec.Struct, frozen=True, kw_only=True):
    """One product of a sale."""

    product_id: UUID
    currency: str
    views: int
    purchases: int
    customers: int
    conversion_rate: ExactNumber | None
    allocated: int
    units: int
    sell_through: ExactNumber | None
    revenue: ExactNumber
    revenue_share: ExactNumber | None
    average_order: ExactNumber | None
    average_price: ExactNumber | None
    revenue_per_day: list[DayFigures]
    peak_minute: Peak | None
    peak_hour: Peak | None
    sold_out_at: datetime | None
    time_to_sell_out_seconds: ExactNumber | None
    price_elasticity: Elasticity
    outcomes: Outcomes
    missing: dict[str, MissingReason]


class CurrencyAnalytics(msgspec.Struct, frozen=True, kw_only=True):
    """All products of a sale that are sold in one currency; currencies are never added up."""

    currency: str
    products: int
    purchases: int
    units: int
    revenue: ExactNumber
    average_order: ExactNumber | None
    revenue_per_day: list[DayFigures]
    price_elasticity: BasketElasticity
    outcomes: Outcomes
    missing: dict[str, MissingReason]


class SaleAnalytics(msgspec.Struct, frozen=True, kw_only=True):
    """A sale as a whole at the instant `at`; `hours_on_sale` so far, null while it has not begun.

    A quote that shows two of its products counts as two views. It is sold out when all of its products are.
    """

    flash_sale_id: UUID
    state: SaleState
    at: datetime
    timezone: str
    starts_at: datetime
    hours_on_sale: ExactNumber | None
    views: int
    purchases: int
    customers: int
    conversion_rate: ExactNumber | None
    allocated: int
    units: int
    sell_through: ExactNumber | None
    peak_minute: Peak | None
    peak_hour: Peak | None
    sold_out_at: datetime | None
    time_to_sell_out_seconds: ExactNumber | None
    missing: dict[str, MissingReason]
    currencies: list[CurrencyAnalytics]
    products: list[ProductAnalytics]
