"""What the lines of a basket would have cost by the catalog of then, had a change been in force.

Nobody keeps the catalog of each instant. What a line cost, and by which steps, stands in the quote; a supposed price comes from it
where the very same way of working it out gives the issued price by the rulebook of then. Where it does not, because something
acted that is not kept, the issued price stands.

Source: docs/spec/replay.md#prices-of-the-catalog.
"""

from typing import NamedTuple

import msgspec

from quote_service.pricing.basket import Basket
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.price_adjustment import CatalogPrice
from quote_service.pricing.catalog.price_product import price_product
from quote_service.pricing.catalog.price_rules import PriceRules, find_price_rules
from quote_service.pricing.catalog.product_price import ProductPrice
from quote_service.pricing.quote import CheckedBasket
from quote_service.pricing.quote_basis import QuoteBasis, is_taken
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.pricing.sales.sale_price import BasketSales, LineSale, SalePrice
from quote_service.steering.replay.model.figures_of_then import figures_of_then
from quote_service.steering.replay.model.supposed_rulebook import Prices

_NO_CATALOG = CatalogSnapshot()


class LinesAgain(NamedTuple):
    """A basket with supposed prices, what is on sale of it then, and how many lines kept their price for want of figures."""

    checked: CheckedBasket
    sales: BasketSales | None
    not_moved: int


def price_lines_again(
    then: Rulebook,
    supposed: Rulebook,
    checked: CheckedBasket,
    sales: BasketSales | None,
    at_us: int,
    prices: Prices,
) -> LinesAgain:
    """Give a basket the prices that the catalog would have had; the basket itself stays as it is.

    Args:
        then: The rulebook of the quote.
        supposed: The same with the change.
        checked: The basket with the prices that were issued.
        sales: What was on sale of it.
        at_us: The quote's instant.
        prices: Supposed list prices, in millionths.
    """
    held = checked.catalog_prices
    if held is None:
        return LinesAgain(checked, sales, 0)
    basket = checked.basket
    rules_then, rules_now = (
        _price_rules(QuoteBasis(then, checked, at_us)),
        _price_rules(QuoteBasis(supposed, checked, at_us)),
    )
    units: dict[str, int] = {}
    for item in basket.items:
        units[item.product_id] = units.get(item.product_id, 0) + item.quantity
    catalog_prices = list(held)
    unit_prices = list(checked.unit_prices_micro)
    not_moved = 0
    for index, (item, price) in enumerate(zip(basket.items, held, strict=True)):
        if price is None:
            continue
        key = (item.product_id, item.variant_id, basket.currency)
        list_micro = prices.get(key, prices.get((item.product_id, None, basket.currency), price.list_price_micro))
        product = _product(basket, index, price)
        count = (item.quantity, units[item.product_id])
        catalog = figures_of_then(product, count, rules_then, price)
        if catalog is None:
            not_moved += 1
            continue
        moved = msgspec.structs.replace(product, current_micro=list_micro)
        again = price_product(moved, *count, rules_now, catalog)
        catalog_prices[index] = again
        unit_prices[index] = again.unit_price_micro
    again_checked = msgspec.structs.replace(checked, unit_prices_micro=unit_prices, catalog_prices=catalog_prices)
    return LinesAgain(again_checked, _sales(sales, unit_prices, basket.currency), not_moved)


def _price_rules(basis: QuoteBasis) -> PriceRules | None:
    return find_price_rules(basis.period, basis.applicable, basis.subject)


def _product(basket: Basket, index: int, price: CatalogPrice) -> ProductPrice:
    """The product as far as the quote reports it: a bound that acted is known, one that did not is none."""
    item = basket.items[index]
    bounds = {step.kind: price.unit_price_micro for step in price.adjustments}
    return ProductPrice(
        item.product_id,
        item.variant_id,
        basket.currency,
        item.category_id,
        item.seller_id,
        tuple(item.tags or ()),
        None,
        True,
        price.list_price_micro,
        bounds.get("min_price_applied", 0),
        bounds.get("max_price_applied"),
        None,
    )


def _sales(sales: BasketSales | None, unit_prices: list[int], currency: str) -> BasketSales | None:
    """The sales of then whose price is not above what a unit would have cost by itself."""
    if sales is None:
        return None
    lines: list[LineSale | None] = []
    for sale, own_micro in zip(sales.lines, unit_prices, strict=True):
        if sale is not None:
            price = SalePrice(sale.item_id, sale.sale_id, currency, sale.price_micro, 0, sales.until_us)
            sale = (
                LineSale(sale.item_id, sale.sale_id, own_micro, sale.price_micro)
                if is_taken(price, currency, own_micro)
                else None
            )
        lines.append(sale)
    return msgspec.structs.replace(sales, lines=lines) if any(lines) else None
