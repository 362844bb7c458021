"""Warnings about what a request says and does not count: they belong to an answer, not to the quote.

Two requests of one basket are one quote, even if one of them has a typing error or a price of yesterday; each is told of its
own. They are the last of a quote's warnings, as JSON text, so that they can be taken off and put on without writing the quote
again.

Source: docs/spec/wire.md#unknown-fields; docs/spec/quotes.md#catalog-prices.
"""

from typing import Final

from quote_service.platform.system.errors import Fault
from quote_service.pricing.catalog.complete_basket import PRICE_CHANGED
from quote_service.pricing.quote import Warning
from quote_service.quotes.answer.write_quote import write_warning

_UNKNOWN_FIELD = "unknown_field"
OF_AN_ASKER: Final = (PRICE_CHANGED, _UNKNOWN_FIELD)
_STARTS = tuple(f'{{"code":"{code}",'.encode() for code in OF_AN_ASKER)
_END = b'],"signature":'


def request_warnings(prices: tuple[Warning, ...], unknown: tuple[Fault, ...]) -> bytes:
    """The warnings about these prices and these fields, as entries of a JSON list."""
    fields = (Warning(_UNKNOWN_FIELD, f"{each.detail}, so it was ignored", each.pointer) for each in unknown)
    return ",".join(write_warning(each) for each in (*prices, *fields)).encode()


def with_request_warnings(tail: bytes, reported: bytes) -> bytes:
    """A tail that ends in the list of warnings, with these behind its own."""
    if not reported:
        return tail
    return b"%b%b%b]" % (tail[:-1], b"" if tail.endswith(b"[]") else b",", reported)


def without_request_warnings(tail: bytes, reported: bytes) -> bytes:
    """A tail that ends in the list of warnings, without these, which are its last."""
    return tail[: -len(reported) - 1].removesuffix(b",") + b"]" if reported else tail


def request_warnings_in(tail: bytes) -> bytes:
    """These warnings in the signed tail of an issued quote; every quote inside a text is escaped, so none looks like one."""
    places = [place for place in map(tail.find, _STARTS) if place >= 0]
    return tail[min(places) : tail.rindex(_END)] if places else b""
