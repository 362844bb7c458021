"""What each rule allows, as bars on one scale of prices, with the price now, the one wanted and the one decided.

Source: docs/spec/web.md#price-decisions.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from quote_service.web.rendering.market.scale import PriceScale, Tick

LEFT, RIGHT, ROW, TOP = 230, 985, 26, 8


class BoundBar(NamedTuple):
    """What a rule allows; `binds` says whether it set an end of what was allowed."""

    rule: str
    y: int
    x: float
    width: float
    about: str
    binds: bool


class PriceMark(NamedTuple):
    """A price as a line through all rules."""

    kind: str
    label: str
    x: float


class BoundsChart(NamedTuple):
    """The drawing."""

    bars: tuple[BoundBar, ...]
    marks: tuple[PriceMark, ...]
    prices: tuple[Tick, ...]
    height: int


def bounds_chart(
    bounds: Sequence[Mapping[str, Any]], marks: Mapping[str, Any], binding: Sequence[str | None]
) -> BoundsChart | None:
    """Draw bounds.

    Args:
        bounds: `rule`, `lowest` and `highest` each; None for no limit, which reaches the edge.
        marks: Prices by their kind: `now`, `proposed`, `decided`; None is left out.
        binding: Rules that set an end of what was allowed.
    """
    given = {kind: Decimal(str(price)) for kind, price in marks.items() if price is not None}
    ends = [Decimal(str(each[end])) for each in bounds for end in ("lowest", "highest") if each[end] is not None]
    if not given or not bounds:
        return None
    scale = PriceScale(_near([*given.values(), *ends], list(given.values())), LEFT, RIGHT)
    bars = []
    for index, each in enumerate(bounds):
        low = _clamped(scale, each["lowest"], LEFT)
        high = _clamped(scale, each["highest"], RIGHT)
        reported = f"from {each['lowest'] if each['lowest'] is not None else 'any'} to {each['highest'] if each['highest'] is not None else 'any'}"
        bars.append(
            BoundBar(
                each["rule"],
                TOP + index * ROW,
                min(low, high),
                max(3.0, round(abs(high - low), 1)),
                reported,
                each["rule"] in binding,
            )
        )
    lines = tuple(PriceMark(kind, f"{kind} {price}", scale.at(price)) for kind, price in given.items())
    return BoundsChart(tuple(bars), lines, scale.ticks(), TOP + len(bars) * ROW + 22)


def _near(prices: list[Decimal], marks: list[Decimal]) -> list[Decimal]:
    """Prices near those that matter: a floor far below would squeeze everything else into a corner."""
    low, high = min(marks) * Decimal("0.6"), max(marks) * Decimal("1.6")
    return [price for price in prices if low <= price <= high]


def _clamped(scale: PriceScale, price: Any, otherwise: float) -> float:
    return otherwise if price is None else min(max(scale.at(Decimal(str(price))), LEFT), RIGHT)
