"""What a flash sale's counts say: its figures, those of each currency and those of each product.

Source: docs/spec/flash-sales.md#analytics.
"""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from quote_service.platform.money.numbers import ExactNumber
from quote_service.platform.system.instants import to_micros
from quote_service.selling.flash_sales.analytics.compare_prices import basket_elasticity, product_elasticity
from quote_service.selling.flash_sales.analytics.exact_figures import (
    amount_each,
    in_hours,
    in_seconds,
    rounded,
    unit_price,
)
from quote_service.selling.flash_sales.model.analytics import (
    CurrencyAnalytics,
    DayFigures,
    MissingReason,
    Outcome,
    Outcomes,
    Peak,
    ProductAnalytics,
    SaleAnalytics,
)
from quote_service.selling.flash_sales.model.counted import Count, CountedPeak, CountedProduct, CountedSale
from quote_service.selling.flash_sales.model.purchase import PurchaseStatus
from quote_service.selling.flash_sales.model.sale import of_minor

_STATUSES: tuple[PurchaseStatus, ...] = ("confirmed", "reserved", "rejected", "expired", "cancelled")
_NONE = Count()
Missing = dict[str, MissingReason]


def analyze_sale(sale: CountedSale, zone: ZoneInfo) -> SaleAnalytics:
    """Every figure of a sale.

    Args:
        sale: What was counted.
        zone: The time zone whose days the sale's `days` are.
    """
    bought = sum((_bought(product) for product in sale.products), Count())
    views = sum(product.views for product in sale.products)
    allocated = sum(product.allocated for product in sale.products)
    missing: Missing = {}
    conversion_rate = _conversion(bought, views, missing)
    sell_through = _sell_through(bought, allocated, missing)
    peak_minute = _peak("peak_minute", sale.peaks.minute, zone, missing)
    peak_hour = _peak("peak_hour", sale.peaks.hour, zone, missing)
    sold_out_at = _sold_out_at(sale.products, missing)
    return SaleAnalytics(
        flash_sale_id=sale.sale_id,
        state=sale.state,
        at=sale.at,
        timezone=sale.timezone,
        starts_at=sale.starts_at,
        hours_on_sale=_hours_on_sale(sale),
        views=views,
        purchases=bought.purchases,
        customers=sale.customers,
        conversion_rate=conversion_rate,
        allocated=allocated,
        units=bought.units,
        sell_through=sell_through,
        peak_minute=peak_minute,
        peak_hour=peak_hour,
        sold_out_at=sold_out_at,
        time_to_sell_out_seconds=_seconds_to(sold_out_at, sale.starts_at),
        currencies=[_currency(sale, currency, zone) for currency in _currencies(sale)],
        products=[_product(sale, product, zone) for product in sale.products],
        missing=missing,
    )


def _product(sale: CountedSale, product: CountedProduct, zone: ZoneInfo) -> ProductAnalytics:
    bought, currency = _bought(product), product.currency
    missing: Missing = {}
    conversion_rate = _conversion(bought, product.views, missing)
    sell_through = _sell_through(bought, product.allocated, missing)
    revenue_share = _revenue_share(sale, product, missing)
    average_order = _average_order(bought, currency, missing)
    peak_minute = _peak("peak_minute", product.peaks.minute, zone, missing)
    peak_hour = _peak("peak_hour", product.peaks.hour, zone, missing)
    sold_out_at = _sold_out_at([product], missing)
    if not bought.units:
        missing["average_price"] = "no_purchases"
    return ProductAnalytics(
        product_id=product.product_id,
        currency=currency,
        views=product.views,
        purchases=bought.purchases,
        customers=product.buyers.customers,
        conversion_rate=conversion_rate,
        allocated=product.allocated,
        units=bought.units,
        sell_through=sell_through,
        revenue=of_minor(bought.amount_minor, currency),
        revenue_share=revenue_share,
        average_order=average_order,
        average_price=unit_price(Fraction(bought.amount_minor, bought.units), currency) if bought.units else None,
        revenue_per_day=_per_day(sale, [product], currency, zone),
        peak_minute=peak_minute,
        peak_hour=peak_hour,
        sold_out_at=sold_out_at,
        time_to_sell_out_seconds=_seconds_to(sold_out_at, sale.starts_at),
        price_elasticity=product_elasticity(sale, product, sold_out_at),
        outcomes=_outcomes([product], currency),
        missing=missing,
    )


def _currency(sale: CountedSale, currency: str, zone: ZoneInfo) -> CurrencyAnalytics:
    products = [product for product in sale.products if product.currency == currency]
    bought = sum((_bought(product) for product in products), Count())
    missing: Missing = {}
    return CurrencyAnalytics(
        currency=currency,
        products=len(products),
        purchases=bought.purchases,
        units=bought.units,
        revenue=of_minor(bought.amount_minor, currency),
        average_order=_average_order(bought, currency, missing),
        revenue_per_day=_per_day(sale, products, currency, zone),
        price_elasticity=basket_elasticity(sale, [(product, _sold_out_at([product], {})) for product in products]),
        outcomes=_outcomes(products, currency),
        missing=missing,
    )


def _bought(product: CountedProduct) -> Count:
    return product.outcomes.get("confirmed", _NONE)


def _currencies(sale: CountedSale) -> list[str]:
    return list(dict.fromkeys(product.currency for product in sale.products))


def _outcomes(products: Sequence[CountedProduct], currency: str) -> Outcomes:
    counts = {
        status: sum((product.outcomes.get(status, _NONE) for product in products), Count()) for status in _STATUSES
    }
    return Outcomes(
        **{
            status: Outcome(purchases=count.purchases, units=count.units, amount=of_minor(count.amount_minor, currency))
            for status, count in counts.items()
        }
    )


def _conversion(bought: Count, views: int, missing: Missing) -> ExactNumber | None:
    if not views:
        missing["conversion_rate"] = "no_views"
        return None
    if bought.purchases > views:
        missing["conversion_rate"] = "more_purchases_than_views"
        return None
    return rounded(Fraction(bought.purchases, views))


def _sell_through(bought: Count, allocated: int, missing: Missing) -> ExactNumber | None:
    if not allocated:
        missing["sell_through"] = "nothing_allocated"
        return None
    return rounded(Fraction(bought.units, allocated))


def _revenue_share(sale: CountedSale, product: CountedProduct, missing: Missing) -> ExactNumber | None:
    whole = sum(_bought(other).amount_minor for other in sale.products if other.currency == product.currency)
    if not whole:
        missing["revenue_share"] = "no_revenue"
        return None
    return rounded(Fraction(_bought(product).amount_minor, whole))


def _average_order(bought: Count, currency: str, missing: Missing) -> ExactNumber | None:
    if not bought.purchases:
        missing["average_order"] = "no_purchases"
        return None
    return amount_each(bought.amount_minor, bought.purchases, currency)


def _peak(name: str, counted: CountedPeak | None, zone: ZoneInfo, missing: Missing) -> Peak | None:
    if counted is None:
        missing[name] = "no_purchases"
        return None
    return Peak(
        starts_at=counted.starts_at,
        local_time=counted.starts_at.astimezone(zone).isoformat(),
        purchases=counted.purchases,
        units=counted.units,
    )


def _per_day(sale: CountedSale, products: Sequence[CountedProduct], currency: str, zone: ZoneInfo) -> list[DayFigures]:
    days: dict[int, Count] = {}
    for product in products:
        for index, count in product.days.items():
            days[index] = days.get(index, _NONE) + count
    return [
        DayFigures(
            day=sale.days[index].astimezone(zone).date(),
            purchases=count.purchases,
            units=count.units,
            revenue=of_minor(count.amount_minor, currency),
        )
        for index, count in sorted(days.items())
    ]


def _sold_out_at(products: Sequence[CountedProduct], missing: Missing) -> datetime | None:
    """When the last unit was bought of what is allocated now; none is sold out of which there is nothing to sell."""
    offered = [product for product in products if product.allocated]
    reason: MissingReason | None = None if offered else "nothing_allocated"
    for product in offered:
        held = product.outcomes.get("reserved", _NONE).units
        if _bought(product).units + held < product.allocated:
            reason = "units_left"
        elif held and reason is None:
            reason = "units_reserved"
    if reason is not None:
        missing["sold_out_at"] = missing["time_to_sell_out_seconds"] = reason
        return None
    return max(product.buyers.last_at for product in offered if product.buyers.last_at is not None)


def _seconds_to(sold_out_at: datetime | None, starts_at: datetime) -> ExactNumber | None:
    if sold_out_at is None:
        return None
    # The clock that admits may be a little behind the one that began the sale.
    return in_seconds(max(0, to_micros(sold_out_at) - to_micros(starts_at)))


def _hours_on_sale(sale: CountedSale) -> ExactNumber | None:
    if sale.on_sale_until is None:
        return None
    return in_hours(to_micros(sale.on_sale_until) - to_micros(sale.starts_at))
