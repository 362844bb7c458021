"""How much is in a pack, out of its name: `6 x 330 ml`, `500 g`, `12 pcs`.

Source: docs/spec/competitors.md#pack-sizes.
"""

import re
from decimal import Decimal
from typing import NamedTuple

from quote_service.intelligence.competitors.model.found_offers import PackUnit

_UNITS: dict[str, tuple[PackUnit, Decimal]] = {
    **dict.fromkeys(("kg", "kilo", "kilogram"), ("g", Decimal(1000))),
    **dict.fromkeys(("g", "gr", "gram", "grams"), ("g", Decimal(1))),
    "mg": ("g", Decimal("0.001")),
    **dict.fromkeys(("l", "lt", "ltr", "liter", "litre", "litres"), ("ml", Decimal(1000))),
    "cl": ("ml", Decimal(10)),
    "dl": ("ml", Decimal(100)),
    "ml": ("ml", Decimal(1)),
    **dict.fromkeys(("oz", "ounce", "ounces"), ("g", Decimal("28.349523125"))),
    **dict.fromkeys(("lb", "lbs"), ("g", Decimal("453.59237"))),
    "floz": ("ml", Decimal("29.5735295625")),
    **dict.fromkeys(
        ("pcs", "pieces", "piece", "pc", "count", "ct", "stk", "stück", "adet", "units"), ("piece", Decimal(1))
    ),
}
_NUMBER = r"([0-9]{1,5}(?:[.,][0-9]{1,3})?)"
_UNIT = r"(fl\.?\s?oz|kg|kilo(?:gram)?|mg|grams?|gr|g|lit(?:er|re)s?|ltr|lt|l|cl|dl|ml|ounces?|oz|lbs?|pcs|pieces?|pc|count|ct|stk|stück|adet|units)"
_MEASURE = re.compile(rf"(?<![\w.,]){_NUMBER}\s?{_UNIT}(?![\w])", re.IGNORECASE)
_TIMES = re.compile(rf"(?<![\w.,])([0-9]{{1,4}})\s?[x×*]\s?{_NUMBER}\s?{_UNIT}(?![\w])", re.IGNORECASE)
_PACK = re.compile(
    r"(?:pack|set|box|case)\s+of\s+([0-9]{1,4})(?![\w])|(?<!\w)([0-9]{1,4})[\s-]?(?:pack|er[\s-]pack|'?li\s+paket)(?!\w)",
    re.IGNORECASE,
)


class PackSize(NamedTuple):
    """An amount in the smallest customary unit: pieces, grams or millilitres."""

    quantity: Decimal
    unit: PackUnit


def pack_size_of(text: str) -> PackSize | None:
    """The size that a name says; None where it says none, or several that differ."""
    sizes = {
        _size(number, unit, Decimal(count)) for count, number, unit in _TIMES.findall(text) if int(count) and number
    }
    if not sizes:
        packs = [Decimal(first or second) for first, second in _PACK.findall(text) if int(first or second)]
        count = packs[0] if len(packs) == 1 else Decimal(1)
        sizes = {_size(number, unit, count) for number, unit in _MEASURE.findall(text)}
        if not sizes and len(packs) == 1:
            sizes = {PackSize(packs[0], "piece")}
    # `12 pcs, 500 g`: what it weighs says more than of how many it is made.
    measured = {size for size in sizes if size is not None and size.quantity > 0}
    exact = {size for size in measured if size.unit != "piece"} or measured
    return exact.pop() if len(exact) == 1 else None


def _size(number: str, unit: str, count: Decimal) -> PackSize | None:
    base, factor = _UNITS[re.sub(r"[.\s]", "", unit.lower())]
    quantity = Decimal(number.replace(",", ".")) * factor * count
    rounded = round(quantity, 6)
    return PackSize(rounded.normalize() + 0, base)
