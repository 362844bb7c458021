"""The legend: a stroke and a code for each product, in as many rows as they need.

Source: docs/spec/campaigns.md#plot.
"""

from collections.abc import Iterator
from typing import NamedTuple
from xml.sax.saxutils import escape

LEGEND_ROW = 22
_STROKE = 30
_CODE_SHOWN = 24


class Entry(NamedTuple):
    """One product (its colour by number), or what stands for those that are not drawn (None)."""

    colour: int | None
    text: str
    x: int


def legend_rows(codes: list[str], products: int, width: int) -> list[list[Entry]]:
    """The entries by row, where they are estimated to fit."""
    entries: list[tuple[int | None, str]] = [(colour, _shortened(code)) for colour, code in enumerate(codes)]
    if products > len(codes):
        entries.append((None, f"and {products - len(codes)} more, not drawn"))
    rows: list[list[Entry]] = []
    x = width + 1
    for colour, text in entries:
        taken = _STROKE + _width(text) + 24
        if x + taken > width:
            rows.append([])
            x = 0
        rows[-1].append(Entry(colour, text, x))
        x += taken
    return rows


def legend(rows: list[list[Entry]], left: int, top: int) -> Iterator[str]:
    """The rows, from the top down."""
    for row, entries in enumerate(rows):
        y = top + row * LEGEND_ROW
        for entry in entries:
            x = left + entry.x
            if entry.colour is not None:
                yield f'<path class="line s{entry.colour}" d="M{x} {y - 4}H{x + _STROKE - 8}"/>'
                x += _STROKE
            yield f'<text x="{x}" y="{y}">{escape(entry.text)}</text>'


def _shortened(code: str) -> str:
    return code if len(code) <= _CODE_SHOWN else f"{code[: _CODE_SHOWN - 1]}…"


def _width(text: str) -> int:
    """An estimate that is rather too wide: letters beyond ASCII may be as wide as they are high."""
    return sum(8 if character.isascii() else 13 for character in text)
