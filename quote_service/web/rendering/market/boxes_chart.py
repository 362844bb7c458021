"""How prices of each competitor or platform are spread, as boxes on one scale.

Source: docs/spec/web.md#market.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from quote_service.web.rendering.market.scale import PriceScale, Tick

LEFT, RIGHT, ROW, TOP = 190, 980, 30, 8


class PriceBox(NamedTuple):
    """From the lowest to the highest, the middle half, and the median."""

    name: str
    y: int
    low: float
    lower: float
    median: float
    upper: float
    high: float
    about: str


class BoxesChart(NamedTuple):
    """The drawing; `ours` is where our price stands."""

    boxes: tuple[PriceBox, ...]
    ours: float | None
    prices: tuple[Tick, ...]
    height: int


def boxes_chart(rows: Sequence[Mapping[str, Any]], ours: Decimal | None) -> BoxesChart | None:
    """A box for each row, the one with the lowest median first; None without any."""
    if not rows:
        return None
    ends = [_exact(row[end]) for row in rows for end in ("low", "high")]
    scale = PriceScale(ends if ours is None else [*ends, ours], LEFT, RIGHT)
    ordered = sorted(rows, key=lambda row: (_exact(row["median"]), row["name"]))
    boxes = tuple(_box(row, TOP + ROW * index, scale) for index, row in enumerate(ordered))
    return BoxesChart(boxes, None if ours is None else scale.at(ours), scale.ticks(), TOP + ROW * len(boxes) + 24)


def _box(row: Mapping[str, Any], y: int, scale: PriceScale) -> PriceBox:
    low, lower, middle, upper, high = (
        scale.at(_exact(row[member])) for member in ("low", "lower_quartile", "median", "upper_quartile", "high")
    )
    about = f"{row['name']}: from {row['low']} to {row['high']}, half of them below {row['median']}"
    return PriceBox(row["name"], y, low, lower, middle, upper, high, about)


def _exact(amount: Any) -> Decimal:
    return Decimal(str(amount))
