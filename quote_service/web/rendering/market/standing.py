"""Where our price stands among those of competitors now, as dots on one scale.

Source: docs/spec/web.md#market.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from typing import NamedTuple

from quote_service.web.rendering.market.scale import PriceScale, Tick

WIDTH, LEFT, RIGHT, ROW, TOP = 1000, 190, 980, 30, 8


class Asked(NamedTuple):
    """What a competitor asks; `kind` is the class it is drawn in."""

    name: str
    price: Decimal
    kind: str


class Dot(NamedTuple):
    """A competitor's price in its row."""

    name: str
    kind: str
    x: float
    y: int
    about: str


class Standing(NamedTuple):
    """The drawing and its figures; `cheaper` is how many ask less than we do, `share` ours in parts of the median."""

    dots: tuple[Dot, ...]
    ours: float | None
    prices: tuple[Tick, ...]
    height: int
    lowest: Decimal
    median: Decimal
    highest: Decimal
    cheaper: int
    share: Decimal | None


def standing(asked: Sequence[Asked], ours: Decimal | None) -> Standing | None:
    """Rows from the cheapest on; None where there is nothing to compare with."""
    if not asked:
        return None
    ordered = sorted(asked, key=lambda each: (each.price, each.name))
    prices = [each.price for each in ordered]
    scale = PriceScale(prices if ours is None else [*prices, ours], LEFT, RIGHT)
    middle = Decimal(median(prices))
    # Of two in the middle it lies between: as many digits as prices have are enough to show it.
    digits = min(Decimal(price).as_tuple().exponent for price in prices)
    dots = tuple(
        Dot(each.name, each.kind, scale.at(each.price), TOP + ROW * index + ROW // 2, _against(each, ours))
        for index, each in enumerate(ordered)
    )
    return Standing(
        dots,
        None if ours is None else scale.at(ours),
        scale.ticks(),
        TOP + ROW * len(ordered) + 26,
        prices[0],
        middle.quantize(Decimal(1).scaleb(int(digits)), ROUND_HALF_UP),
        prices[-1],
        sum(1 for price in prices if ours is not None and price < ours),
        None if ours is None or not middle else ours / middle,
    )


def difference(theirs: Decimal, ours: Decimal | None) -> Decimal | None:
    """What theirs is above ours, as a share of ours."""
    return None if not ours else (theirs - ours) / ours


def _against(asked: Asked, ours: Decimal | None) -> str:
    share = difference(asked.price, ours)
    return f"{asked.name}: {asked.price}" + ("" if share is None else f", {share * 100:+.1f} % from ours")
