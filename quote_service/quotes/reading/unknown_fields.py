"""What a quote request says that nobody reads, each with its pointer.

Source: docs/spec/wire.md#unknown-fields.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

import msgspec

from quote_service.platform.documents.exact_json import below
from quote_service.platform.system.errors import Fault
from quote_service.pricing.basket import Address, Basket, BasketContext, BasketItem

FIELDS_MAX = 100  # that are told of: a body can hold one every few bytes
_NAME_LENGTH_MAX = 40  # of what may be a slip of one of ours
_LIKENESS = 0.8


def unknown_fields(document: Any) -> Iterator[Fault]:
    """The members of a parsed basket that no quote request has, as faults; those that look mistyped with what was meant."""
    if not isinstance(document, dict):
        return
    yield from _others(document, Basket, "")
    for name in ("delivery_address", "pickup_address"):
        yield from _others(document.get(name), Address, f"/{name}")
    yield from _others(document.get("context"), BasketContext, "/context")
    items = document.get("items")
    for index, item in enumerate(items if isinstance(items, list) else ()):
        yield from _others(item, BasketItem, f"/items/{index}")


def _others(value: Any, kind: type[msgspec.Struct], pointer: str) -> Iterator[Fault]:
    known = kind.__struct_encode_fields__
    for name in value if isinstance(value, dict) else ():
        if name not in known:
            meant = get_close_matches(name, known, 1, _LIKENESS) if len(name) <= _NAME_LENGTH_MAX else []
            detail = f"is not a known field (did you mean {meant[0]}?)" if meant else "is not a known field"
            yield Fault(below(pointer, name), detail)
