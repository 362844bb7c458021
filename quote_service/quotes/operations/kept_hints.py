"""The hints of baskets that were asked for recently, so that who asks again does not have them worked out again.

They are part of what a quote is found by, so a request that is not found by its bytes needs them before its quote.

Source: docs/spec/hints.md#caching-and-signature.
"""

from typing import Final

from quote_service.pricing.hints.hint import Hints

_KEPT_MAX: Final = 1_000


class KeptHints:
    """By basket, for one edition of what this process prices by; when that changes, or there are too many, all go."""

    __slots__ = ("_by_basket", "_edition")

    def __init__(self) -> None:
        self._by_basket: dict[tuple[int, bool], Hints] = {}
        self._edition = -1

    def find(self, bits: int, edition: int, at_us: int, *, is_shoppers: bool) -> Hints | None:
        """The hints of the basket that has these bits without any, if they still stand."""
        if edition != self._edition:
            return None
        hints = self._by_basket.get((bits, is_shoppers))
        return hints if hints is not None and at_us < hints.until_us else None

    def keep(self, bits: int, edition: int, hints: Hints, *, is_shoppers: bool) -> None:
        """Keep the hints of a basket."""
        if edition != self._edition or len(self._by_basket) >= _KEPT_MAX:
            self._by_basket.clear()
            self._edition = edition
        self._by_basket[bits, is_shoppers] = hints
