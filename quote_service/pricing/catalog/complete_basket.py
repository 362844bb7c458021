"""Before step 1: what the catalog says of a basket's lines, and the customer's record of the customer.

A line of a product that the catalog knows costs what the catalog says, whatever the request says; what else the request
leaves out of it, the catalog fills in. Everything that comes after, and what is kept of the request, sees the basket as
it is then. Where there are neither products nor customers this costs a look.

Source: docs/spec/quotes.md#catalog-prices; `docs/decisions/catalog-prices-in-quotes.md`.
"""

from functools import lru_cache
from typing import Final

import msgspec

from quote_service.platform.money.amounts import AMOUNT_MAJOR_MAX, MICRO, decimal_text, unit_price_text
from quote_service.platform.system.errors import Fault, Invalid
from quote_service.pricing.basket import NOT_GIVEN, Basket, BasketItem
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.errors import UnknownProduct
from quote_service.pricing.catalog.line_faults import line_faults
from quote_service.pricing.catalog.price_adjustment import CatalogPrice
from quote_service.pricing.catalog.price_product import price_product
from quote_service.pricing.catalog.price_rules import PriceRules, find_price_rules
from quote_service.pricing.catalog.product_price import ProductPrice
from quote_service.pricing.quote import NOT_PRICED, CheckedBasket, Warning
from quote_service.pricing.quote_basis import QuoteBasis

PRICE_CHANGED: Final = "price_changed"
_TOTAL_MICRO_MAX: Final = AMOUNT_MAJOR_MAX * MICRO
_FAULTS_MAX: Final = 100
_WEIGHT_PLACES: Final = 12


def complete_basket(basis: QuoteBasis) -> QuoteBasis:
    """Fill in what the request leaves to the catalog and to the customer's record, in place.

    Args:
        basis: With the basket as it was read, which belongs to this quote alone.

    Returns:
        The same basis.

    Raises:
        Invalid: A line has no price, or the basket comes to too much; every fault has its pointer.
        UnknownProduct: A shopper's line is no product of the catalog.
    """
    complete_customer(basis)
    complete_lines(basis)
    return basis


def complete_customer(basis: QuoteBasis) -> None:
    """The part of it that is about the customer."""
    customers = basis.rulebook.customers
    if customers.is_empty:
        return
    basket = basis.checked.basket
    if basket.customer_tier is not None and basket.customer_segments is not None:
        return
    terms = customers.find(basket.customer_id)
    if terms is not None:
        tier, segments = terms
        if basket.customer_tier is None:
            basket.customer_tier = tier
        if basket.customer_segments is None and segments:
            basket.customer_segments = list(segments)


def complete_lines(basis: QuoteBasis) -> None:
    """The part of it that is about lines; the customer's tier and segments are those that count."""
    checked, catalog = basis.checked, basis.rulebook.catalog
    if catalog.is_empty:
        if checked.lacks_prices or checked.is_shoppers:
            raise _refusal(catalog, checked)
        return
    basket = checked.basket
    currency = basket.currency
    prices_micro = checked.unit_prices_micro
    rules = _price_rules(basis)
    units = _units_by_product(basket) if rules is not None else None
    catalog_prices: list[CatalogPrice | None] = []
    warnings: list[Warning] = []
    is_known = False
    total_micro = 0
    for index, item in enumerate(basket.items):
        product = catalog.find(item.product_id, item.variant_id, currency)
        sent_micro = prices_micro[index]
        if product is None or not product.is_active:
            if product is not None or sent_micro == NOT_PRICED or catalog.knows(item.product_id):
                raise _refusal(catalog, checked)
            catalog_prices.append(None)
            total_micro += sent_micro * item.quantity
            continue
        is_known = True
        quantity = item.quantity
        product_quantity = quantity if units is None else units[item.product_id]
        price = price_product(product, quantity, product_quantity, rules, catalog)
        price_micro = price.unit_price_micro
        if sent_micro != NOT_PRICED:
            item.unit_price = NOT_GIVEN
            if sent_micro != price_micro:
                warnings.append(_price_changed(index, price_micro, sent_micro, checked.exponent))
        catalog_prices.append(price)
        prices_micro[index] = price_micro
        total_micro += price_micro * quantity
        checked.weight_pico += _fill(item, product)
    if not is_known:
        return
    if total_micro >= _TOTAL_MICRO_MAX:
        raise Invalid.because(tuple(_total_faults(checked)))
    if checked.is_shoppers:
        _take_sellers(catalog, checked)
    checked.catalog_prices = catalog_prices
    if warnings:
        checked.price_warnings = tuple(warnings)


def _price_rules(basis: QuoteBasis) -> PriceRules | None:
    """The price rules that count for the customer; None where none does."""
    if basis.applicable.price_steps == ():
        return None
    return find_price_rules(basis.period, basis.applicable, basis.subject)


def _units_by_product(basket: Basket) -> dict[str, int]:
    """Units of each product, all of its variants together."""
    units: dict[str, int] = {}
    for item in basket.items:
        units[item.product_id] = units.get(item.product_id, 0) + item.quantity
    return units


def _fill(item: BasketItem, product: ProductPrice) -> int:
    """Fill in what a line leaves out.

    Returns:
        What the line weighs by the catalog, in 10**-12 kg; 0 where the request says it.
    """
    if item.category_id is None:
        item.category_id = product.category_id
    if item.seller_id is None:
        item.seller_id = product.seller_id
    if item.tags is None and product.tags:
        item.tags = list(product.tags)
    if item.weight is not NOT_GIVEN or product.weight_pico is None:
        return 0
    item.weight = _weight(product.weight_pico)
    return product.weight_pico * item.quantity


@lru_cache(maxsize=4096)
def _weight(weight_pico: int) -> msgspec.Raw:
    """As a request would give it; few different ones come by."""
    return msgspec.Raw(decimal_text(weight_pico, _WEIGHT_PLACES).encode())


def _take_sellers(catalog: CatalogSnapshot, checked: CheckedBasket) -> None:
    """Take the seller of a shopper's basket from its products: it may move a price, so it is not for the shopper to give."""
    items = checked.basket.items
    if any(item.seller_id is None for item in items):
        raise _refusal(catalog, checked)
    checked.basket.seller_id = items[0].seller_id or ""


def _price_changed(index: int, price_micro: int, sent_micro: int, exponent: int) -> Warning:
    charged, sent = unit_price_text(price_micro, exponent), unit_price_text(sent_micro, exponent)
    return Warning(PRICE_CHANGED, f"the catalog's price is {charged}; {sent} was sent", f"/items/{index}/unit_price")


def _refusal(catalog: CatalogSnapshot, checked: CheckedBasket) -> Invalid:
    """Everything that stands against the prices of the lines."""
    basket, is_shoppers = checked.basket, checked.is_shoppers
    faults: list[Fault] = []
    is_unknown = False
    for index, item in enumerate(basket.items):
        found = list(line_faults(catalog, item, index, basket.currency, is_shoppers=is_shoppers))
        is_unknown = is_unknown or bool(found and not catalog.knows(item.product_id))
        faults += found
    first = tuple(faults[:_FAULTS_MAX])
    return UnknownProduct.because(first) if is_shoppers and is_unknown else Invalid.because(first)


def _total_faults(checked: CheckedBasket) -> list[Fault]:
    prices_micro = checked.unit_prices_micro
    lines = [price * item.quantity for price, item in zip(prices_micro, checked.basket.items, strict=True)]
    faults = [
        Fault(f"/items/{index}", "the line's total must be less than 10^13")
        for index, line_micro in enumerate(lines)
        if line_micro >= _TOTAL_MICRO_MAX
    ]
    return [*faults[: _FAULTS_MAX - 1], Fault("/items", "the lines' total must be less than 10^13")]
