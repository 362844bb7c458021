"""Figures over time as columns, drawn by the server: no script, and the same in a print.

Source: docs/spec/web.md#analytics.
"""

from decimal import Decimal
from typing import Any, NamedTuple

HEIGHT = 100
_STEP = 10
_WIDTH = 7
_FEWEST = 24  # few columns stand at the left, each as wide as in a month


class ColumnBar(NamedTuple):
    """One column: where it stands, how high it is, and what it says when it is pointed at."""

    label: str
    figure: Any
    x: int
    y: float
    height: float


class ColumnsChart(NamedTuple):
    """A chart; `width` goes with the number of columns, and is stretched to the room there is."""

    columns: tuple[ColumnBar, ...]
    width: int
    highest: Any
    first: str
    last: str


def columns_chart(figures: list[tuple[str, Any]]) -> ColumnsChart | None:
    """Columns for labelled figures, from zero; None where there are none. What is below zero hangs from the top as nothing."""
    if not figures:
        return None
    amounts = [max(Decimal(0), Decimal(str(figure or 0))) for _, figure in figures]
    highest = max(amounts)
    scale = HEIGHT / highest if highest else Decimal(0)
    columns = tuple(
        ColumnBar(
            label, figure, index * _STEP, round(HEIGHT - float(amount * scale), 2), round(float(amount * scale), 2)
        )
        for index, ((label, figure), amount) in enumerate(zip(figures, amounts, strict=True))
    )
    return ColumnsChart(
        columns, (max(_FEWEST, len(columns)) - 1) * _STEP + _WIDTH, highest, figures[0][0], figures[-1][0]
    )
