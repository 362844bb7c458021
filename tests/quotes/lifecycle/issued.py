"""Signed quotes out of random worlds, and what JSON libraries make of them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from quote_service.platform.documents.documents import write_document
from quote_service.pricing.hints.find_hints import find_hints
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote_basis import QuoteBasis, find_sales
from quote_service.quotes.answer.plain_flags import plain_flags
from quote_service.quotes.answer.write_quote import write_quote
from quote_service.quotes.operations.sign_quote import QuoteSigner
from quote_service.quotes.reading.decode_basket import decode_basket
from tests.pricing.books import QUOTE_ID, book_of, instant_us
from tests.pricing.catalog.adjusted import give_catalog_prices
from tests.pricing.on_sale import sales_of
from tests.pricing.rulebooks import AT, DIGITS, World, scaled

KEYS = [("new", b"n" * 32), ("old", b"o" * 32)]
SIGNER = QuoteSigner(KEYS)
CURRENCIES = {**DIGITS, "UYW": 4, "USD": 2}


class WiderWorld(World):
    """A world of more currencies, with expensive things in it."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.currency = self.random.choice(list(CURRENCIES))
        self.digits = CURRENCIES[self.currency]

    def item(self, place: int) -> dict[str, Any]:
        item = super().item(place)
        if self.chance(15):
            # As much as a binary float still holds with all digits of the total.
            item |= {"unit_price": scaled(self.random.randint(10**11, 10**12), self.digits), "quantity": 1}
        return item


def issued_text(world: World, flags: list[dict[str, Any]] | None = None, signer: QuoteSigner = SIGNER) -> str:
    """The `data` of a quote as it is issued, signed; some of its products are the catalog's, and some are on sale. Every
    other quote has hints."""
    setup, request = world.setup(), world.request()
    if flags is not None:
        setup["feature_flags"] = flags
    at_us = instant_us(AT)
    book, checked = book_of(setup), decode_basket(write_document(request))
    give_catalog_prices(checked, [known.compiled for known in book.rules.values()], world.seed)
    sales = find_sales(sales_of(request, world.seed), checked, at_us)
    quote = price_quote(QuoteBasis(book, checked, at_us, sales))
    if not world.seed % 2:
        quote.hints = find_hints(QuoteBasis(book, checked, at_us), {}, quote).entries
    text = write_quote(quote, QUOTE_ID, at_us, at_us + 900_000_000)
    signature = signer.sign(f'{text.head}{plain_flags(text.flags)}{text.middle}"miss"{text.tail}}}'.encode())
    return f'{text.head}{text.flags}{text.middle}"miss"{text.tail},"signature":"{signature}"}}'


def through_python(text: str) -> str:
    """Python's floats: 51.00 becomes 51.0."""
    return json.dumps(json.loads(text))


def through_sorting(text: str) -> str:
    """A library that sorts members, indents, and leaves every letter as it is."""
    return json.dumps(json.loads(text), sort_keys=True, indent=2, ensure_ascii=False)


def through_javascript(text: str) -> str:
    """JavaScript's numbers: 51.00 becomes 51; members whose names are whole numbers come first."""
    return json.dumps(_javascript(json.loads(text)), ensure_ascii=False, separators=(",", ":"))


def through_decimals(text: str) -> str:
    """A library that keeps numbers exactly, but writes them in its own way: 51.00 becomes 5.1e1."""
    marked = json.loads(text, parse_float=_exponent, parse_int=_exponent)
    return json.dumps(marked).replace('"\\u0001', "").replace('\\u0001"', "")


def _exponent(literal: str) -> str:
    return f"\x01{Decimal(literal).normalize():e}\x01"


def _javascript(value: Any) -> Any:
    if isinstance(value, dict):
        first = sorted((name for name in value if name.isdecimal() and name.isascii()), key=int)
        return {name: _javascript(value[name]) for name in (*first, *(name for name in value if name not in first))}
    if isinstance(value, list):
        return [_javascript(entry) for entry in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return int(value)
    return value


LIBRARIES = [through_python, through_sorting, through_javascript, through_decimals]
