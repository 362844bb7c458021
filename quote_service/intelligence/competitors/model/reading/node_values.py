"""Texts and numbers out of the values of schema.org's nodes, which may be one, a list, or a node with a name.

Source: schema.org; docs/spec/competitors.md#what-is-read.
"""

from decimal import Decimal
from typing import Any

from quote_service.intelligence.competitors.model.gtin import gtin_14

Node = dict[str, Any]
_GTINS = ("gtin", "gtin13", "gtin14", "gtin12", "gtin8", "ean", "upc", "isbn")


def list_of(value: Any) -> list[Any]:
    """The values, none where there is none."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def text_of(value: Any) -> str | None:
    """The first text or number, with its blanks made single; at most 1,000 letters."""
    for entry in list_of(value):
        if isinstance(entry, str) and entry.strip():
            return " ".join(entry.split())[:1000]
        if isinstance(entry, int | Decimal) and not isinstance(entry, bool):
            return str(entry)
        if isinstance(entry, dict) and isinstance(entry.get("@value"), str):
            return str(entry["@value"])[:1000]
    return None


def word_of(value: Any) -> Any:
    """A word of the vocabulary, as it is written or as the node that stands for it: `{"@id": "https://schema.org/InStock"}`."""
    first = next(iter(list_of(value)), None)
    return first.get("@id", first.get("@value")) if isinstance(first, dict) else first


def name_of(value: Any) -> str | None:
    """The first text, or name of a node."""
    for entry in list_of(value):
        found = text_of(entry.get("name")) if isinstance(entry, dict) else text_of(entry)
        if found:
            return found
    return None


def gtin_of(node: Node) -> str | None:
    """The node's GTIN in 14 digits."""
    for name in _GTINS:
        text = text_of(node.get(name))
        if text and (gtin := gtin_14(text)):
            return gtin
    return None
