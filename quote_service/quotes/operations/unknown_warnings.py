"""Warnings about fields of a request that nobody reads: they belong to an answer, not to the quote.

Two requests of one basket are one quote, even if one of them has a typing error; each is told of its own. They are the
last of a quote's warnings, as JSON text, so that they can be taken off and put on without writing the quote anew.

Source: docs/spec/wire.md#unknown-fields.
"""

from quote_service.pricing.quote import Warning
from quote_service.quotes.answer.write_quote import write_warning
from quote_service.system.errors import Fault

UNKNOWN_FIELD = "unknown_field"
_START = b'{"code":"unknown_field",'
_END = b'],"signature":'


def unknown_warnings(unknown: tuple[Fault, ...]) -> bytes:
    """The warnings about these fields, as entries of a JSON list."""
    return ",".join(
        write_warning(Warning(UNKNOWN_FIELD, f"{each.detail}, so it was ignored", each.pointer)) for each in unknown
    ).encode()


def with_unknown(tail: bytes, unknown: bytes) -> bytes:
    """A tail that ends in the list of warnings, with these behind its own."""
    if not unknown:
        return tail
    return b"%b%b%b]" % (tail[:-1], b"" if tail.endswith(b"[]") else b",", unknown)


def without_unknown(tail: bytes, unknown: bytes) -> bytes:
    """A tail that ends in the list of warnings, without these, which are its last."""
    return tail[: -len(unknown) - 1].removesuffix(b",") + b"]" if unknown else tail


def unknown_in(tail: bytes) -> bytes:
    """These warnings in the signed tail of an issued quote; every quote inside a text is escaped, so none looks like one."""
    start = tail.find(_START)
    return tail[start : tail.rindex(_END)] if start >= 0 else b""
