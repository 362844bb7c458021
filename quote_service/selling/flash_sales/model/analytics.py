"""How a flash sale went: the figures that are shown, per sale, per currency and per product.

A rate is a fraction of 1, an amount has the digits of its currency, an average price may have up to six. What cannot be
told is null, and `missing` says of each such figure why.

Source: docs/spec/flash-sales.md#analytics.
"""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from quote_service.platform.documents.renamed import Renamed
from quote_service.platform.money.numbers import ExactNumber
from quote_service.selling.flash_sales.model.sale import SaleState

MissingReason = Literal[
    "no_views",
    "more_purchases_than_views",
    "no_purchases",
    "nothing_allocated",
    "units_left",
    "units_reserved",
    "no_revenue",
]
NotEnoughData = Literal["not_on_sale", "no_units_before", "too_few_units_in_sale", "too_few_units_before", "same_price"]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Purchases that became the same, with their units and what these cost."""

    purchases: int
    """How many purchases."""
    units: int
    """How many units."""
    amount: ExactNumber
    """What the units cost, in the currency of the figures."""


class Outcomes(msgspec.Struct, frozen=True, kw_only=True):
    """Every purchase that is recorded, by what became of it; only confirmed ones count as bought."""

    confirmed: Outcome
    """Purchases that were confirmed; only these count as bought."""
    reserved: Outcome
    """Purchases that are still reserved."""
    rejected: Outcome
    """Purchases that were rejected after they were reserved."""
    expired: Outcome
    """Purchases whose reservation expired."""
    cancelled: Outcome
    """Purchases that were cancelled."""


class DayFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What was bought on one day of the time zone asked for; days without a purchase are left out."""

    day: date
    """The day, in the time zone asked for."""
    purchases: int
    """Confirmed purchases."""
    units: int
    """Units bought."""
    revenue: ExactNumber
    """What was paid, in the currency of the figures."""


class Peak(msgspec.Struct, frozen=True, kw_only=True):
    """The clock minute or hour in which the most units were bought, the earliest of several.

    `local_time` is the instant `starts_at` by the clock of the time zone asked for, with its offset.
    """

    starts_at: datetime
    """When the minute or hour begins."""
    local_time: str
    """`starts_at` in the time zone asked for, with its offset."""
    purchases: int
    """Confirmed purchases in it."""
    units: int
    """Units bought in it."""


class ComparedTime(msgspec.Struct, frozen=True, kw_only=True):
    """One side of a comparison: what was sold in `hours` hours from `starts_at` to `ends_at`, and at what price."""

    starts_at: datetime
    """When the period begins."""
    ends_at: datetime
    """When the period ends."""
    hours: ExactNumber
    """Length of the period in hours."""
    units: int
    """Units sold in the period."""
    units_per_hour: ExactNumber
    """Units sold in an hour on average."""
    average_price: ExactNumber | None
    """Average price of one unit, in the currency of the figures, with up to 6 decimals; null without units."""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where units before the sale come from, and what was paid for them."""

    units: int
    """How many units."""
    amount: ExactNumber
    """What was paid for them, in the currency of the figures."""


class Sources(msgspec.Struct, frozen=True, kw_only=True):
    """Confirmed purchases of earlier sales, and lines of accepted quotes that did not show a sale price."""

    earlier_sales: Source
    """Confirmed purchases in earlier flash sales."""
    accepted_quotes: Source
    """Lines of accepted quotes without a flash-sale price."""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The sale beside the days before it; `sale` is null while it has not begun."""

    sale: ComparedTime | None
    """The time of the sale; null if it has not begun."""
    before: ComparedTime
    """The days before the sale."""
    sources: Sources
    """Where the units before the sale come from."""


class Elasticity(msgspec.Struct, frozen=True, kw_only=True):
    """Arc elasticity of units per hour, or why it is not known.

    Below -1, what is sold grows faster than the price falls. It needs `units_wanted` units on both sides.
    """

    value: ExactNumber | None
    """Arc elasticity of units per hour with respect to price; null if it cannot be worked out."""
    not_enough_data: NotEnoughData | None
    """Why it cannot be worked out; null if it can."""
    units_wanted: int
    """Units needed in both periods."""
    comparison: Comparison
    """The two periods that are compared."""


class BasketSide(msgspec.Struct, frozen=True, kw_only=True):
    """Products together: units, units per hour, and the average price of what was sold in the sale."""

    units: int
    """Units sold."""
    units_per_hour: ExactNumber
    """Units sold in an hour on average."""
    average_price: ExactNumber
    """Average price of one unit, weighted with the units sold in the sale, in the currency of the figures."""


class BasketElasticity(msgspec.Struct, frozen=True, kw_only=True):
    """Arc elasticity of the products of a currency that were sold both in the sale and before, taken together.

    Both prices are averages weighted with the units sold in the sale, so that a different mix of products does not change the price.
    """

    value: ExactNumber | None
    """Arc elasticity of units per hour with respect to price; null if it cannot be worked out."""
    not_enough_data: NotEnoughData | None
    """Why it cannot be worked out; null if it can."""
    units_wanted: int
    """Units needed in both periods."""
    products_compared: int
    """How many products were sold in both periods."""
    sale: BasketSide | None
    """The products during the sale; null if there is nothing to compare."""
    before: BasketSide | None
    """The products before the sale; null if there is nothing to compare."""


class ProductAnalytics(msgspec.Struct, frozen=True, kw_only=True):
    """One product of a sale."""

    product_id: UUID
    """The product."""
    currency: str
    """ISO 4217 code of the currency of the amounts."""
    views: int
    """Quotes that showed the product at its sale price."""
    purchases: int
    """Confirmed purchases."""
    customers: int
    """Customers with a confirmed purchase."""
    conversion_rate: ExactNumber | None
    """Purchases divided by views, as a fraction of 1; null if there were no views, or more purchases than views, since some were made without a
    quote."""
    allocated: int
    """How many units are on sale in all."""
    units: int
    """Units bought."""
    sell_through: ExactNumber | None
    """Units bought divided by units on sale, as a fraction of 1; null if none were on sale."""
    revenue: ExactNumber
    """What was paid, in `currency`."""
    revenue_share: ExactNumber | None
    """Part of the sale's revenue in `currency`, as a fraction of 1; null if there was none."""
    average_order: ExactNumber | None
    """Revenue divided by purchases, in `currency`; null without purchases."""
    average_price: ExactNumber | None
    """Revenue divided by units, in `currency`, with up to 6 decimals; null without units."""
    revenue_per_day: list[DayFigures]
    """Figures of each day with a purchase."""
    peak_minute: Peak | None
    """The minute in which the most units were bought; null without purchases."""
    peak_hour: Peak | None
    """The hour in which the most units were bought; null without purchases."""
    sold_out_at: datetime | None
    """When the last unit was bought; null while there are units left."""
    time_to_sell_out_seconds: ExactNumber | None
    """Seconds from the start of the sale until it was sold out; null while there are units left."""
    price_elasticity: Elasticity
    """How units sold respond to the price."""
    outcomes: Outcomes
    """All recorded purchases, by what became of them."""
    missing: dict[str, MissingReason]
    """Why a figure is null, by the name of its field."""


class CurrencyAnalytics(msgspec.Struct, frozen=True, kw_only=True):
    """All products of a sale that are sold in one currency; currencies are never added up."""

    currency: str
    """ISO 4217 code of the currency of the amounts."""
    products: int
    """How many products are sold in this currency."""
    purchases: int
    """Confirmed purchases."""
    units: int
    """Units bought."""
    revenue: ExactNumber
    """What was paid, in `currency`."""
    average_order: ExactNumber | None
    """Revenue divided by purchases, in `currency`; null without purchases."""
    revenue_per_day: list[DayFigures]
    """Figures of each day with a purchase."""
    price_elasticity: BasketElasticity
    """How units sold respond to the price, over all products of the currency."""
    outcomes: Outcomes
    """All recorded purchases, by what became of them."""
    missing: dict[str, MissingReason]
    """Why a figure is null, by the name of its field."""


class SaleAnalytics(msgspec.Struct, frozen=True, kw_only=True):
    """A sale as a whole at the instant `at`; `hours_on_sale` so far, null while it has not begun.

    A quote that shows two of its products counts as two views. It is sold out when all of its products are.
    """

    flash_sale_id: UUID
    """The sale."""
    state: Annotated[SaleState, Renamed("status")]
    """Whether the sale is scheduled, active, ended or cancelled."""
    at: datetime
    """When the figures were taken."""
    timezone: Annotated[str, Renamed("time_zone")]
    """The time zone asked for, which decides where days and hours begin."""
    starts_at: datetime
    """When the sale begins or began."""
    hours_on_sale: ExactNumber | None
    """Hours since the sale began, up to its end; null if it has not begun."""
    views: int
    """Quotes that showed a product at its sale price; one that shows two products counts twice."""
    purchases: int
    """Confirmed purchases."""
    customers: int
    """Customers with a confirmed purchase."""
    conversion_rate: ExactNumber | None
    """Purchases divided by views, as a fraction of 1; null if there were no views, or more purchases than views, since some were made without a
    quote."""
    allocated: int
    """How many units are on sale in all."""
    units: int
    """Units bought."""
    sell_through: ExactNumber | None
    """Units bought divided by units on sale, as a fraction of 1; null if none were on sale."""
    peak_minute: Peak | None
    """The minute in which the most units were bought; null without purchases."""
    peak_hour: Peak | None
    """The hour in which the most units were bought; null without purchases."""
    sold_out_at: datetime | None
    """When the last unit of the last product was bought; null while there are units left."""
    time_to_sell_out_seconds: ExactNumber | None
    """Seconds from the start of the sale until it was sold out; null while there are units left."""
    missing: dict[str, MissingReason]
    """Why a figure is null, by the name of its field."""
    currencies: list[CurrencyAnalytics]
    """Figures by currency; amounts in different currencies are never added up."""
    products: list[ProductAnalytics]
    """Figures by product."""
