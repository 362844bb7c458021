"""What the units of a quote cost when it was issued, taken from the quote itself: nobody keeps the catalog of each instant,
nor when the stock of a sale was out.

Source: docs/spec/quotes.md#explain-a-quote.
"""

from collections.abc import Mapping
from typing import Any

from quote_service.money.amounts import MICRO
from quote_service.pricing.catalog.price_adjustment import CatalogPrice, PriceAdjustment
from quote_service.pricing.quote import CheckedBasket
from quote_service.pricing.rulebook.known_rule import KnownRule
from quote_service.pricing.sales.sale_price import BasketSales, LineSale
from quote_service.system.instants import FOREVER


def issued_sales(issued: Mapping[str, Any]) -> BasketSales | None:
    """What was on sale of the basket."""
    lines: list[LineSale | None] = []
    for item in issued["items"]:
        line = None
        if item["price_source"] == "flash_sale":
            price_micro, step = _micro(item["unit_price"]), item["price_adjustments"][-1]
            line = LineSale(0, step["flash_sale_id"], price_micro - _micro(step["amount"]), price_micro)
        lines.append(line)
    return BasketSales(lines, FOREVER, ()) if any(lines) else None


def take_issued_prices(issued: Mapping[str, Any], checked: CheckedBasket, rules: Mapping[str, KnownRule]) -> None:
    """Give a basket the prices of the catalog that the quote of it shows; the request's own stay where they are.

    A line on sale shows what it would have cost otherwise, whoever said that, so it is all the same.

    Args:
        issued: The parsed quote.
        checked: The basket as it is kept, in place.
        rules: Those of the quote's time, by their ids.
    """
    prices: list[CatalogPrice | None] = []
    for index, item in enumerate(issued["items"]):
        if item["price_source"] == "request":
            prices.append(None)
            continue
        steps = [_step(each, rules) for each in item["price_adjustments"] if each["kind"] != "flash_sale"]
        list_micro = _micro(item["list_price"])
        unit_micro = list_micro + sum(step.amount_micro for step in steps)
        prices.append(CatalogPrice(list_micro, unit_micro, steps))
        checked.unit_prices_micro[index] = unit_micro
    if any(prices):
        checked.catalog_prices = prices


def _step(shown: Mapping[str, Any], rules: Mapping[str, KnownRule]) -> PriceAdjustment:
    known = rules.get(shown.get("rule_id", ""))
    percent, price = shown.get("percent"), shown.get("price")
    return PriceAdjustment(
        shown["kind"],
        _micro(shown["amount"]),
        None if known is None else known.compiled,
        None,
        None if percent is None else _micro(percent),
        None if price is None else _micro(price),
    )


def _micro(number: Any) -> int:
    return int(number * MICRO)
