"""A sale beside the days before it: what is compared, and what it says of the price.

Source: docs/spec/flash-sales.md#analytics.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from quote_service.platform.system.instants import to_micros
from quote_service.selling.flash_sales.analytics.exact_figures import SECOND_US, in_hours, rounded, unit_price
from quote_service.selling.flash_sales.analytics.price_elasticity import UNITS_WANTED, Point, Sold, compare
from quote_service.selling.flash_sales.model.analytics import (
    BasketElasticity,
    BasketSide,
    ComparedTime,
    Comparison,
    Elasticity,
    Source,
    Sources,
)
from quote_service.selling.flash_sales.model.counted import Count, CountedProduct, CountedSale, SoldBefore
from quote_service.selling.flash_sales.model.sale import of_minor

DAYS_BEFORE = 7
_DAY = timedelta(days=1)
_NONE = Count()


class _Time(NamedTuple):
    starts_at: datetime
    ends_at: datetime
    bought: Count

    @property
    def sold(self) -> Sold:
        period_us = to_micros(self.ends_at) - to_micros(self.starts_at)
        return Sold(self.bought.units, self.bought.amount_minor, period_us)


def product_elasticity(sale: CountedSale, product: CountedProduct, sold_out_at: datetime | None) -> Elasticity:
    """What the price of one product did, with what was compared."""
    in_sale, before = _in_sale(sale, product, sold_out_at), _before(sale, product)
    arc = compare([(None if in_sale is None else in_sale.sold, before.sold)])
    return Elasticity(
        value=None if arc.value is None else rounded(arc.value),
        not_enough_data=arc.not_enough_data,
        units_wanted=UNITS_WANTED,
        comparison=Comparison(
            sale=None if in_sale is None else _shown(in_sale, product.currency),
            before=_shown(before, product.currency),
            sources=Sources(
                earlier_sales=_source(product.earlier_sales, product.currency),
                accepted_quotes=_source(product.accepted_quotes, product.currency),
            ),
        ),
    )


def basket_elasticity(
    sale: CountedSale, products: Sequence[tuple[CountedProduct, datetime | None]]
) -> BasketElasticity:
    """What the prices of products of one currency did together.

    Args:
        sale: That they are on.
        products: At least one, each with the instant at which it was sold out.
    """
    sides = []
    for product, sold_out_at in products:
        in_sale = _in_sale(sale, product, sold_out_at)
        sides.append((None if in_sale is None else in_sale.sold, _before(sale, product).sold))
    arc, currency = compare(sides), products[0][0].currency
    return BasketElasticity(
        value=None if arc.value is None else rounded(arc.value),
        not_enough_data=arc.not_enough_data,
        units_wanted=UNITS_WANTED,
        products_compared=arc.compared,
        sale=_side(arc.sale, currency),
        before=_side(arc.before, currency),
    )


def _in_sale(sale: CountedSale, product: CountedProduct, sold_out_at: datetime | None) -> _Time | None:
    """While there was something to buy: once a product is sold out, nothing says how many more would have been sold."""
    if sale.on_sale_until is None:
        return None
    ends_at = sale.on_sale_until if sold_out_at is None else min(sold_out_at, sale.on_sale_until)
    # What is sold out at once counts as sold within a second, so that there is a time to divide by.
    ends_at = max(ends_at, sale.starts_at + timedelta(microseconds=SECOND_US))
    return _Time(sale.starts_at, ends_at, product.outcomes.get("confirmed", _NONE))


def _before(sale: CountedSale, product: CountedProduct) -> _Time:
    """Whole days back from the sale's start to the first unit, seven at most: a new product has had fewer days."""
    sources = (product.earlier_sales, product.accepted_quotes)
    firsts = [source.first_at for source in sources if source.first_at is not None]
    days = min(DAYS_BEFORE, -((min(firsts) - sale.starts_at) // _DAY)) if firsts else DAYS_BEFORE
    return _Time(sale.starts_at - days * _DAY, sale.starts_at, sources[0].count + sources[1].count)


def _shown(time: _Time, currency: str) -> ComparedTime:
    sold = time.sold
    return ComparedTime(
        starts_at=time.starts_at,
        ends_at=time.ends_at,
        hours=in_hours(sold.period_us),
        units=sold.units,
        units_per_hour=rounded(sold.units_per_hour),
        average_price=unit_price(sold.average_price, currency) if sold.units else None,
    )


def _source(sold: SoldBefore, currency: str) -> Source:
    return Source(units=sold.count.units, amount=of_minor(sold.count.amount_minor, currency))


def _side(point: Point | None, currency: str) -> BasketSide | None:
    if point is None:
        return None
    return BasketSide(
        units=point.units,
        units_per_hour=rounded(point.units_per_hour),
        average_price=unit_price(point.price_minor, currency),
    )
