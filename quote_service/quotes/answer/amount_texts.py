"""Texts of amounts, each made once: an answer of one line holds some forty amounts, and the same ones come again and again.

Source: docs/spec/wire.md#money.
"""

from typing import Final

from quote_service.platform.money.amounts import amount_text

_KEPT_BELOW: Final = 65_536  # minor units; some 4 MB for a currency once all of them have come by


class AmountTexts:
    """Texts by minor units, for currencies of one exponent: `texts[5100]` is `51.00`.

    Those of small amounts are kept in a list, where compiled code finds one without making a number or a hash of it.
    """

    __slots__ = ("_exponent", "_kept")

    def __init__(self, exponent: int) -> None:
        self._exponent = exponent
        self._kept: list[str] = []  # empty texts for those not asked for yet

    def __getitem__(self, amount_minor: int) -> str:
        if not 0 <= amount_minor < _KEPT_BELOW:
            return amount_text(amount_minor, self._exponent)
        if not self._kept:  # few services have currencies of every exponent
            self._kept = [""] * _KEPT_BELOW
        text = self._kept[amount_minor]
        if not text:
            text = self._kept[amount_minor] = amount_text(amount_minor, self._exponent)
        return text


AMOUNT_TEXTS: Final[dict[int, AmountTexts]] = {exponent: AmountTexts(exponent) for exponent in (0, 2, 3, 4)}
