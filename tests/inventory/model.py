"""What stock does to prices, worked out independently of the database, in exact fractions.

Source: docs/spec/inventory.md#prices-that-follow-stock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from quote_service.platform.money.currencies import EXPONENTS


@dataclass
class ModelPrice:
    """A current price with its bounds, and what stock has done to it."""

    currency: str
    current: Fraction
    lowest: Fraction
    highest: Fraction | None = None
    held: tuple[Fraction, Fraction] | None = None

    def follow(self, percent: Fraction) -> tuple[Fraction, Fraction] | None:
        """Move to where the level wants it; what it was and is, where it moves."""
        start = self.held[0] if self.held is not None and self.held[1] == self.current else self.current
        self.held = None
        target = start
        if percent:
            scale = 10 ** EXPONENTS[self.currency]
            target = Fraction(floor(start * (100 + percent) / 100 * scale + Fraction(1, 2)), scale)
        if self.highest is not None and target > self.highest:
            target = self.highest
        if target < self.lowest:
            target = self.lowest
        before, self.current = self.current, target
        if percent and target != start:
            self.held = (start, target)
        return None if before == target else (before, target)


@dataclass
class ModelItem:
    """Stock with its thresholds, and the prices that follow it."""

    prices: dict[str, ModelPrice]
    quantity: int = 0
    low_threshold: int | None = None
    high_threshold: int | None = None
    low_adjust_percent: Decimal = Decimal(0)
    high_adjust_percent: Decimal = Decimal(0)
    is_dynamic: bool = False
    crossings: int = field(default=0)

    def change(self, **fields: Any) -> list[tuple[str, Decimal, Decimal]]:
        """Set fields at once, and answer the moves of prices: currency, old, new."""
        former = self.level()
        for name, value in fields.items():
            setattr(self, name, value)
        level = self.level()
        if level == former:
            return []
        self.crossings += 1
        percent = {"low": Fraction(self.low_adjust_percent), "high": -Fraction(self.high_adjust_percent)}.get(
            level, Fraction(0)
        )
        moves = [(currency, self.prices[currency].follow(percent)) for currency in sorted(self.prices)]
        return [(currency, as_decimal(move[0]), as_decimal(move[1])) for currency, move in moves if move is not None]

    def level(self) -> str:
        """Where prices take the stock to be."""
        if self.is_dynamic and self.low_threshold is not None and self.quantity <= self.low_threshold:
            return "low"
        if self.is_dynamic and self.high_threshold is not None and self.quantity >= self.high_threshold:
            return "high"
        return "normal"


def as_decimal(number: Fraction) -> Decimal:
    """A price as it is stored: six decimals are enough for each."""
    millionths = number * 10**6
    assert millionths.denominator == 1
    return Decimal(millionths.numerator).scaleb(-6)
