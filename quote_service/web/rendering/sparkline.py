"""Figures of the last minutes as a line, drawn by the server.

Source: docs/spec/web.md#overview.
"""

from collections.abc import Sequence
from typing import NamedTuple

WIDTH, HEIGHT = 240, 48


class Sparkline(NamedTuple):
    """The line, the area below it, and the highest figure, which reaches the top."""

    line: str
    area: str
    highest: float


def sparkline(figures: Sequence[float]) -> Sparkline | None:
    """A line over these figures from the left to the right, from zero; None where there are fewer than two."""
    if len(figures) < 2:
        return None
    highest = max(float(figure) for figure in figures)
    step, scale = WIDTH / (len(figures) - 1), (HEIGHT - 2) / (highest or 1)
    points = [
        f"{round(index * step, 1):g},{round(HEIGHT - 1 - float(figure) * scale, 1):g}"
        for index, figure in enumerate(figures)
    ]
    line = " ".join(points)
    return Sparkline(line, f"0,{HEIGHT} {line} {WIDTH},{HEIGHT}", highest)
