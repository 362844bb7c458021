"""What the units of a quote cost when it was issued, taken from the quote itself: nobody keeps the catalog of each instant,
nor when the stock of a sale was out.

Source: docs/spec/quotes.md#explain-a-quote.
"""

from collections.abc import Mapping
from typing import Any, Final

from quote_service.platform.money.amounts import read_scaled
from quote_service.platform.system.instants import FOREVER
from quote_service.pricing.catalog.price_adjustment import CatalogPrice, PriceAdjustment
from quote_service.pricing.quote import CheckedBasket
from quote_service.pricing.rulebook.known_rule import KnownRule
from quote_service.pricing.sales.sale_price import BasketSales, LineSale
from quote_service.quotes.model.issued_quote import IssuedAdjustment, IssuedItem, IssuedQuote
from quote_service.quotes.model.kept_bytes import floors_of

_PLACES = 6
_FLASH_SALE = "flash_sale"
_SOURCE: Final = b'"price_source":"'
_OF_REQUEST: Final = b'"price_source":"request"'


def has_own_prices(data: bytes) -> bool:
    """Whether the bytes of a quote begin with a line whose price is the request's: then most have no other, and it can be
    priced without reading them."""
    return data.startswith(_OF_REQUEST, data.find(_SOURCE))


def issued_sales(issued: IssuedQuote) -> BasketSales | None:
    """What was on sale of the basket."""
    lines: list[LineSale | None] | None = None
    for index, item in enumerate(issued.items):
        if item.price_source == _FLASH_SALE:
            if lines is None:
                lines = [None] * len(issued.items)
            lines[index] = _sale(item)
    return None if lines is None else BasketSales(lines, FOREVER, ())


def take_issued_prices(
    issued: IssuedQuote, request: bytes, checked: CheckedBasket, rules: Mapping[str, KnownRule]
) -> None:
    """Give a basket the prices of the catalog that the quote of it shows, and the minimum prices that are kept with it; the
    request's own stay where they are.

    A line on sale shows what it would have cost otherwise, whoever said that, so it is all the same.

    Args:
        issued: The quote.
        request: The bytes of the basket as it is kept.
        checked: The basket as it is kept, in place.
        rules: Those of the quote's time, by their ids.
    """
    prices: list[CatalogPrice | None] | None = None
    for index, item in enumerate(issued.items):
        if item.price_source == "request":
            continue
        list_micro = _micro(item.list_price)
        unit_micro = list_micro
        steps: list[PriceAdjustment] = []
        for each in item.price_adjustments:
            if each.kind != _FLASH_SALE:
                step = _step(each, rules)
                unit_micro += step.amount_micro
                steps.append(step)
        if prices is None:
            prices = [None] * len(issued.items)
        prices[index] = CatalogPrice(list_micro, unit_micro, steps)
        checked.unit_prices_micro[index] = unit_micro
    if prices is not None:
        checked.catalog_prices = prices
        checked.floors_minor = floors_of(request) or []


def _sale(item: IssuedItem) -> LineSale:
    price_micro, step = _micro(item.unit_price), item.price_adjustments[-1]
    return LineSale(0, step.flash_sale_id, price_micro - _micro(step.amount), price_micro)


def _step(shown: IssuedAdjustment, rules: Mapping[str, KnownRule]) -> PriceAdjustment:
    known = rules.get(shown.rule_id)
    kind: Any = shown.kind
    percent, price = bytes(shown.percent), bytes(shown.price)
    return PriceAdjustment(
        kind,
        _micro(shown.amount),
        None if known is None else known.compiled,
        None,
        read_scaled(percent, _PLACES) if percent else None,
        read_scaled(price, _PLACES) if price else None,
    )


def _micro(number: Any) -> int:
    return read_scaled(bytes(number), _PLACES)
