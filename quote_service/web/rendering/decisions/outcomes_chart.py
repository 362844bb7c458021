"""Expected profit at each price that was weighed, as a line.

Source: docs/spec/web.md#price-decisions.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from quote_service.web.rendering.market.scale import PriceScale, Tick

LEFT, RIGHT, TOP, FLOOR = 90, 980, 16, 210


class Outcome(NamedTuple):
    """A price with what it is expected to bring; `name` is empty where it is only one of many."""

    x: float
    y: float
    name: str
    about: str
    is_decided: bool


class OutcomesChart(NamedTuple):
    """The drawing: the line through the outcomes, and the two axes."""

    outcomes: tuple[Outcome, ...]
    line: str
    prices: tuple[Tick, ...]
    profits: tuple[Tick, ...]


def outcomes_chart(candidates: Sequence[Mapping[str, Any]], labels: Mapping[str, str]) -> OutcomesChart | None:
    """Draw candidates by price; None for fewer than two, which make no line."""
    ordered = sorted(candidates, key=lambda each: Decimal(str(each["price"])))
    if len(ordered) < 2:
        return None
    prices = [Decimal(str(each["price"])) for each in ordered]
    profits = [Decimal(str(each["profit"])) for each in ordered]
    across = PriceScale(prices, LEFT, RIGHT)
    up = PriceScale(profits, FLOOR, TOP)
    outcomes = tuple(
        Outcome(
            across.at(price),
            up.at(max(profit, Decimal(0))),
            ", ".join(labels.get(name, name) for name in each["labels"]),
            f"{each['price']}: profit {each['profit']}, {each['units']} units",
            "decided" in each["labels"],
        )
        for each, price, profit in zip(ordered, prices, profits, strict=True)
    )
    line = " ".join(f"{each.x:g},{each.y:g}" for each in outcomes)
    return OutcomesChart(outcomes, line, across.ticks(), up.ticks())
