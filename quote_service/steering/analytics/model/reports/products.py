"""A product: what it was quoted and sold for, day by day, and how that goes together.

Source: docs/spec/analytics.md#products.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from quote_service.platform.money.currencies import EXPONENTS
from quote_service.steering.analytics.model.reports.amounts import amount, decimal, price_each, share_of_issued
from quote_service.steering.analytics.model.reports.answers import Freshness
from quote_service.steering.analytics.model.reports.elasticity import (
    CONFIDENCE,
    Fit,
    PricedDay,
    TooLittle,
    fit_elasticity,
    price_spread,
)

Figures = dict[str, int]


class ProductFigures(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a product was quoted and sold for."""

    views: int
    """Quoted lines of the product; counted, not exact."""
    quoted_units: int
    """Units of these lines."""
    quoted_price: Decimal | None
    """A unit's price in these lines on average, before discounts; null without one."""
    orders: int
    """Order lines of the product; this and what follows is exact."""
    units: int
    """Units ordered."""
    list_price: Decimal | None
    """A unit's price in orders on average, before discounts; null without one."""
    price_paid: Decimal | None
    """The same less discounts, without tax that is added to it."""
    revenue: Decimal
    """Lines less discounts."""
    units_returned: int
    """Units that refunds and cancellations of the time gave back."""
    conversion_rate: Decimal | None
    """Share of the views of the time whose quote was accepted, whenever that was; null where it is not known."""


class ProductDay(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A day on which the product was quoted or ordered."""

    day: date
    """The day."""
    figures: ProductFigures
    """Its figures."""


class PriceElasticity(msgspec.Struct, frozen=True, kw_only=True):
    """By how many percent units change when the price rises by one percent, by least squares through the logarithms of each
    day's units and price paid."""

    verdict: Literal["elastic", "inelastic", "unclear", "too_little_to_tell"]
    """`elastic`: the whole interval is below -1. `inelastic`: it lies within -1 and 1. `unclear`: neither."""
    reason: TooLittle | None
    """Why too little is known; null where there is a value."""
    value: Decimal | None
    """The elasticity; null where too little is known."""
    low: Decimal | None
    """Lower end of its interval."""
    high: Decimal | None
    """Upper end of its interval."""
    confidence: Decimal
    """How often such an interval holds the truth, were days independent."""
    r_squared: Decimal | None
    """Share of the variation of units that prices explain."""
    days: int
    """Days with orders, which it is worked out from."""
    days_without_orders: int
    """Days on which the product was quoted and not ordered; they are left out."""
    lowest_price: Decimal | None
    """Lowest price paid of a day, on average."""
    highest_price: Decimal | None
    """Highest price paid of a day, on average."""
    price_variation: Decimal | None
    """How far the highest is above the lowest, over the lowest."""


class ProductCurrency(msgspec.Struct, frozen=True, kw_only=True):
    """A product's figures in one currency."""

    currency: str
    """ISO 4217 code."""
    totals: ProductFigures
    """Of the whole period."""
    price_elasticity: PriceElasticity
    """How units follow the price."""
    days: list[ProductDay]
    """Each day in order."""


class ProductReport(msgspec.Struct, frozen=True, kw_only=True):
    """How a product did."""

    product_id: UUID
    """The product."""
    from_: datetime = msgspec.field(name="from")
    """Beginning of the period."""
    to: datetime
    """End of the period, which is not part of it."""
    time_zone: str
    """IANA time zone that days begin by."""
    freshness: Freshness
    """Until when figures are whole, and which are exact."""
    currencies: list[ProductCurrency]
    """Each currency by itself."""


def product_figures(quotes: Figures, orders: Figures, currency: str) -> ProductFigures:
    """The figures of sums of rollups of lines; a figure that is not there is 0."""
    net = _net(orders)
    units, quoted_units = orders.get("units", 0), quotes.get("units", 0)
    return ProductFigures(
        views=quotes.get("lines", 0),
        quoted_units=quoted_units,
        quoted_price=price_each(quotes.get("gross_minor", 0), quoted_units, currency),
        orders=orders.get("orders", 0),
        units=units,
        list_price=price_each(orders.get("gross_minor", 0), units, currency),
        price_paid=price_each(net, units, currency),
        revenue=amount(net, currency),
        units_returned=orders.get("reversed_units", 0),
        conversion_rate=share_of_issued("accepted", orders, quotes.get("lines", 0)),
    )


def price_elasticity(days: list[tuple[Figures, Figures]], currency: str) -> PriceElasticity:
    """The elasticity of sums of quotes and orders by day."""
    sold = [(_net(orders), orders["units"]) for _, orders in days if orders.get("units", 0) > 0 and _net(orders) > 0]
    priced = [PricedDay(net / units / 10 ** EXPONENTS[currency], units) for net, units in sold]
    found = fit_elasticity(priced)
    fit = found if isinstance(found, Fit) else None
    by_price = sorted(sold, key=lambda day: day[0] / day[1])
    spread = price_spread(priced)
    return PriceElasticity(
        verdict=_verdict(fit),
        reason=None if isinstance(found, Fit) else found,
        value=None if fit is None else decimal(fit.elasticity),
        low=None if fit is None else decimal(fit.low),
        high=None if fit is None else decimal(fit.high),
        confidence=decimal(CONFIDENCE),
        r_squared=None if fit is None else decimal(fit.r_squared),
        days=len(sold),
        days_without_orders=len(days) - len(sold),
        lowest_price=price_each(*by_price[0], currency) if by_price else None,
        highest_price=price_each(*by_price[-1], currency) if by_price else None,
        price_variation=None if spread is None else decimal(spread),
    )


def _verdict(fit: Fit | None) -> Literal["elastic", "inelastic", "unclear", "too_little_to_tell"]:
    if fit is None:
        return "too_little_to_tell"
    if fit.high < -1:
        return "elastic"
    return "inelastic" if fit.low > -1 and fit.high < 1 else "unclear"


def _net(orders: Figures) -> int:
    """Lines less discounts, in minor units."""
    return sum(
        sign * orders.get(f"{name}_minor", 0)
        for sign, name in ((1, "gross"), (-1, "seller_discount"), (-1, "platform_discount"))
    )
