"""Stock between its thresholds, as a bar.

Source: docs/spec/web.md#prices.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

WIDTH = 1000


class ThresholdBar(NamedTuple):
    """Where the units end, what of them is promised, and where the thresholds stand; None where there is none."""

    quantity: float
    reserved: float
    low: float | None
    high: float | None


def threshold_bar(stock: Mapping[str, Any]) -> ThresholdBar:
    """The bar of a stock."""
    low, high = stock.get("low_threshold"), stock.get("high_threshold")
    whole = max(int(stock["quantity"]), int(low or 0), int(high or 0), 1) * 1.1

    def x(units: Any) -> float:
        return round(int(units) / whole * WIDTH, 1)

    return ThresholdBar(
        x(stock["quantity"]),
        x(stock["reserved"]),
        None if low is None else x(low),
        None if high is None else x(high),
    )
