"""Baskets for load: the original example's, with other customers, products, quantities and prices.

A basket is a number. Every generator of load makes the same bytes of the same number, because all of them fill in the
same format: the places in it are written as `%` wants them in Python and `string.format` in Lua.
"""

import json
from collections.abc import Iterator
from typing import NamedTuple

from quote_service.lab.dev.demonstration import example_basket

ID_TAIL_HEX = 12
_ID_TAIL = f"%0{ID_TAIL_HEX}x"
_QUANTITY_MARK, _PRICE_MARK = 987_654_321, 987_654_322
CENTS_MIN, CENTS_SPREAD = 500, 5000


class BasketFormat(NamedTuple):
    """`basket` has places for the customer and the lines; `line` for the product, quantity, whole price and cents."""

    basket: str
    line: str


def basket_format() -> BasketFormat:
    """The example's basket with places to fill in."""
    basket = example_basket()
    line = basket["items"][0]
    line["product_id"] = line["product_id"][:-ID_TAIL_HEX] + _ID_TAIL
    line["quantity"], line["unit_price"] = _QUANTITY_MARK, _PRICE_MARK
    line_text = _text(line).replace(str(_QUANTITY_MARK), "%d").replace(str(_PRICE_MARK), "%d.%02d")
    basket["customer_id"] = basket["customer_id"][:-ID_TAIL_HEX] + _ID_TAIL
    basket["items"] = ["%s"]
    return BasketFormat(_text(basket).replace('"%s"', "%s"), line_text)


def write_basket(form: BasketFormat, number: int, lines: int) -> bytes:
    """The bytes of a basket: no two numbers below 16^12 give the same."""
    texts = []
    for index in range(1, lines + 1):
        cents = CENTS_MIN + (number * 7 + index * 13) % CENTS_SPREAD
        texts.append(form.line % (index, 1 + (number + index) % 9, cents // 100, cents % 100))
    return (form.basket % (number, ",".join(texts))).encode()


def item_total_cents(number: int, lines: int) -> int:
    """What the lines of a basket come to."""
    return sum(
        (CENTS_MIN + (number * 7 + index * 13) % CENTS_SPREAD) * (1 + (number + index) % 9)
        for index in range(1, lines + 1)
    )


def numbers(first: int, different: int) -> Iterator[int]:
    """The numbers of the baskets of one load: `different` of them over and over, or ever others when that is 0."""
    count = 0
    while True:
        yield first + (count % different if different else count)
        count += 1


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
