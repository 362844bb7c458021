"""Stock as one bar: what is sold, what is promised, and what is left of all that was put on sale.

Source: docs/spec/web.md#flash-sales.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

_SCALE = 1000
_THINNEST = 6


class StockPart(NamedTuple):
    """A part of the bar, on a scale of 1 000."""

    kind: str
    x: int
    width: int


def stock_bar(item: Mapping[str, Any]) -> tuple[StockPart, ...]:
    """The parts from the left; one that holds a single unit of many is still seen. What is left is the ground."""
    allocated = max(1, item["allocated"])
    parts, reached = [], 0
    for kind in ("confirmed", "reserved"):
        units = item[kind]
        if units > 0:
            width = min(_SCALE - reached, max(_THINNEST, round(units * _SCALE / allocated)))
            parts.append(StockPart(f"stock-{kind}", reached, width))
            reached += width
    return tuple(parts)
