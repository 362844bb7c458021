"""Before step 1: which lines of a basket are sold at the price of a flash sale.

Source: docs/spec/flash-sales.md#purchase; `docs/decisions/sale-prices.md`.
"""

from collections.abc import Mapping

from quote_service.platform.system.instants import FOREVER
from quote_service.pricing.quote import CheckedBasket
from quote_service.pricing.sales.sale_price import BasketSales, LineSale, SalePrice


def is_taken(price: SalePrice, currency: str, own_price_micro: int) -> bool:
    """Whether a unit that costs so much by itself is sold at a sale's price while that runs."""
    return price.currency == currency and price.price_micro <= own_price_micro


def find_sales(prices: Mapping[str, SalePrice], checked: CheckedBasket, at_us: int) -> BasketSales | None:
    """What is on sale of a basket at an instant; None where nothing is, nor is about to be.

    A sale in another currency is none of the basket's, and one that is more expensive than the line's own price is not applied:
    nobody pays more because of a sale. So no total can pass the bound that the basket was checked against.

    Args:
        prices: What is on sale, by product.
        checked: The basket.
        at_us: The quote's instant.
    """
    basket = checked.basket
    items = basket.items
    if not any(item.product_id in prices for item in items):
        return None  # most baskets, all of whose lines would be looked at for nothing
    lines: list[LineSale | None] = []
    item_ids: list[int] = []
    until_us: int = FOREVER
    for item, own_price_micro in zip(items, checked.unit_prices_micro, strict=True):
        price = prices.get(item.product_id)
        line = None
        if price is not None and is_taken(price, basket.currency, own_price_micro):
            if at_us < price.starts_us:
                until_us = min(until_us, price.starts_us)
            elif at_us < price.ends_us:
                until_us = min(until_us, price.ends_us)
                line = LineSale(price.item_id, price.sale_id, own_price_micro, price.price_micro)
                if price.item_id not in item_ids:
                    item_ids.append(price.item_id)
        lines.append(line)
    return None if until_us == FOREVER else BasketSales(lines, until_us, tuple(item_ids))
