"""Decimal numbers as they stand on the wire, read exactly and held as scaled ints.

JSON numbers never pass through a binary float here. What is refused: NaN, Infinity, an exponent bomb such as
1e5000, digits grouped by `_`, blanks, and more decimals than the field has.

Source: docs/spec/wire.md#money.
"""

import re
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow, Underflow

# Exact or nothing: an operation that would have to round raises instead.
_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation, Overflow, Underflow])
LITERAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?", re.ASCII)
LITERAL_LENGTH_MAX = 64


class ExactNumber(Decimal):
    """A decimal that an admin wrote: finite, short, and with its digits as written (`10.0` stays `10.0`)."""

    __slots__ = ()


class _AsWritten(ExactNumber):
    """A number whose literal is not the one that Decimal would write, such as `1e2` or `0.0000001`."""

    __slots__ = ("_literal",)
    _literal: str

    def __new__(cls, literal: str) -> "_AsWritten":
        number = super().__new__(cls, literal)
        number._literal = literal
        return number

    def __str__(self) -> str:
        return self._literal

    def __reduce__(self) -> tuple[type["_AsWritten"], tuple[str]]:
        return type(self), (self._literal,)


class NotANumber(ValueError):
    """The text is no decimal number that can be held exactly; its message is fit for a client."""


def read_number(value: object) -> ExactNumber:
    """Read a JSON number or numeric string.

    Args:
        value: What a JSON reader gave that keeps decimals: int, Decimal or str.

    Raises:
        NotANumber: It is of another type, not finite, or not written as a plain decimal.
    """
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, str)):
        raise NotANumber("must be a number")
    text = value if isinstance(value, str) else str(value)
    if len(text) > LITERAL_LENGTH_MAX or not LITERAL.fullmatch(text):
        raise NotANumber("must be a plain decimal number")
    return written_number(text)


def written_number(literal: str) -> ExactNumber:
    """The number of a literal that is known to be one; its text stays that literal (`1e2` does not become `1E+2`)."""
    number = ExactNumber(literal)
    return number if str(number) == literal else _AsWritten(literal)


def scale_decimal(number: Decimal, places: int) -> int:
    """The number as an int of 10**-places units.

    Raises:
        NotANumber: It is not finite, too large, or has more decimals than that.
    """
    try:
        scaled = number.scaleb(places, _EXACT)
        whole = int(scaled) if abs(scaled.adjusted()) < 40 or not scaled else None
    except (Inexact, InvalidOperation, Overflow, Underflow, ValueError):
        whole = None
    if whole is None or whole != scaled:
        raise NotANumber(f"must have at most {places} decimals")
    return whole
