"""A scale of prices: where a price stands in a drawing, and the round prices beside it.

Source: docs/spec/web.md#market.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

_TICKS = 4
_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


class Tick(NamedTuple):
    """A place on the axis, and what it says."""

    at: float
    label: str


class PriceScale:
    """From the lowest to the highest of some prices, with a little room; `begin` is where the lowest stands, `end` the highest."""

    __slots__ = ("_begin", "_end", "_high", "_low", "_step")

    def __init__(self, prices: Sequence[Decimal], begin: float, end: float) -> None:
        low, high = min(prices), max(prices)
        room = (high - low) / 12 or max(abs(high), Decimal(1)) / 12
        self._low, self._high = max(Decimal(0), low - room), high + room
        self._begin, self._end = begin, end
        self._step = _round_step((self._high - self._low) / _TICKS)

    def at(self, price: Decimal) -> float:
        """Where a price stands."""
        share = float((price - self._low) / (self._high - self._low))
        return round(self._begin + share * (self._end - self._begin), 1)

    def ticks(self) -> tuple[Tick, ...]:
        """Round prices, from the lowest on."""
        first = int(self._low / self._step) + 1
        last = int(self._high / self._step)
        return tuple(Tick(self.at(self._step * each), plain_text(self._step * each)) for each in range(first, last + 1))


def _round_step(rough: Decimal) -> Decimal:
    """The next round step: 1, 2, 2.5 or 5 times a power of ten."""
    magnitude = Decimal(1).scaleb(rough.adjusted())
    return next(magnitude * each for each in _STEPS if magnitude * each >= rough)


def plain_text(amount: Decimal) -> str:
    """An amount without an exponent, and without noughts that say nothing."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
