"""Texts of amounts, each made once: an answer of one line holds some forty amounts, and the same ones come again and again.

Source: docs/spec/wire.md#money.
"""

from quote_service.money.amounts import amount_text

_KEPT_MAX = 65_536  # some 8 MB for a currency; amounts come from outside, so what is kept of them is bounded


class _AmountTexts(dict[int, str]):
    """Amounts of one currency exponent; a missing one is made, and kept while there is room."""

    __slots__ = ("_exponent",)

    def __init__(self, exponent: int) -> None:
        self._exponent = exponent

    def __missing__(self, amount_minor: int) -> str:
        text = amount_text(amount_minor, self._exponent)
        if len(self) < _KEPT_MAX:
            self[amount_minor] = text
        return text


AMOUNT_TEXTS: dict[int, dict[int, str]] = {exponent: _AmountTexts(exponent) for exponent in (0, 2, 3, 4)}
