"""A quote as it was issued, as far as one is priced again from it.

Source: docs/spec/quotes.md#explain-a-quote.
"""

from typing import Final

import msgspec

_LEFT_OUT: Final = msgspec.Raw()


class IssuedAdjustment(msgspec.Struct, frozen=True, gc=False):
    """What moved the price of a unit; numbers as they are written, empty where there is none."""

    kind: str
    amount: msgspec.Raw
    flash_sale_id: str = ""
    rule_id: str = ""
    percent: msgspec.Raw = _LEFT_OUT
    price: msgspec.Raw = _LEFT_OUT


class IssuedItem(msgspec.Struct, frozen=True, gc=False):
    """A line."""

    list_price: msgspec.Raw
    unit_price: msgspec.Raw
    price_source: str
    price_adjustments: list[IssuedAdjustment]


class IssuedWarning(msgspec.Struct, frozen=True, gc=False):
    """Which warning it was."""

    code: str


class IssuedQuote(msgspec.Struct, frozen=True, gc=False):
    """The reference that it echoes, its lines, and what it warned of."""

    external_ref: str | None
    items: list[IssuedItem]
    warnings: list[IssuedWarning]


read_issued: Final = msgspec.json.Decoder(IssuedQuote).decode
