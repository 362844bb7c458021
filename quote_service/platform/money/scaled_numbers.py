"""The one way from a raw JSON number to a scaled int that is on the quote's path, hence a module that is compiled.

Source: docs/spec/wire.md#money.
"""

from decimal import Decimal
from typing import Final

from quote_service.platform.money.numbers import LITERAL, LITERAL_LENGTH_MAX, NotANumber, scale_decimal

_POWERS: Final[tuple[int, ...]] = tuple(10**places for places in range(13))


def read_scaled(literal: bytes, places: int) -> int:
    """Read a raw JSON number or string (`25.50`, `"25.50"`) as an int of 10**-places units.

    The plain case, digits with at most `places` decimals, is read without a Decimal: it is on the quote's path.

    Raises:
        NotANumber: See `read_number` and `scale_decimal`.
    """
    whole, dot, part = literal.partition(b".")
    if whole.isdigit() and len(whole) < 20:
        if not dot:
            return int(whole) * _POWERS[places]
        if part.isdigit() and len(part) <= places:
            return int(whole + part) * _POWERS[places - len(part)]
    text = literal.decode()
    if text.startswith('"'):
        text = text[1:-1]
    if len(text) > LITERAL_LENGTH_MAX or not LITERAL.fullmatch(text):
        raise NotANumber("must be a plain decimal number")
    return scale_decimal(Decimal(text), places)
