"""What the earlier forms of a quote lack, out of its declaration: members marked with the form that they came with (`Since`).

Source: docs/spec/quotes.md#forms.
"""

from collections.abc import Iterator
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec

from quote_service.pricing.calculation_inputs import INPUTS
from quote_service.pricing.figure import form_of
from quote_service.pricing.quote_answer import UnsignedQuote

_FLASH_SALE = "flash_sale"
_Struct = type[msgspec.Struct]


def forget_later_members(issued: Any, again: Any) -> None:
    """Take out of a quote that is written now what one that was issued in an earlier form cannot have.

    Which members a quote can have is recognised by what it has: one that stands nowhere in it came later. What such a member
    is worked out from is compared all the same.

    Args:
        issued: The parsed quote that was issued.
        again: The same as it is written now, in place.
    """
    had = {(kind, name) for kind, _, name in _later_members(issued, UnsignedQuote, 1)}
    for kind, holder, name in list(_later_members(again, UnsignedQuote, 1)):
        if (kind, name) not in had:
            del holder[name]


def turn_into_form(document: dict[str, Any], form: int) -> None:
    """Take out of a parsed quote, in place, what processes that know an earlier form only refuse."""
    for _, holder, name in list(_later_members(document, UnsignedQuote, form)):
        del holder[name]
    if form == 1:
        for item in document["items"]:
            _keep_sale_alone(item)


def _keep_sale_alone(item: dict[str, Any]) -> None:
    """The first form knows no adjustment but that of a flash sale: the list price is what the others made of it."""
    steps = item["price_adjustments"]
    item["list_price"] += sum(step["amount"] for step in steps if step["kind"] != _FLASH_SALE)
    item["price_adjustments"] = [step for step in steps if step["kind"] == _FLASH_SALE]


def _later_members(value: Any, kind: _Struct, form: int) -> Iterator[tuple[_Struct, dict[str, Any], str]]:
    """The members of a document that came after a form: of which struct, the object that holds it, and its name."""
    if isinstance(value, list):
        for entry in value:
            yield from _later_members(entry, kind, form)
    elif isinstance(value, dict):
        members = _members(kind)
        for name, entry in value.items():
            since, held = members.get(name, (1, None))
            if since > form:
                yield kind, value, name
            elif name == "inputs" and value.get("step") in INPUTS:
                yield from _later_members(entry, INPUTS[value["step"]], form)
            elif held is not None:
                yield from _later_members(entry, held, form)


@cache
def _members(kind: _Struct) -> dict[str, tuple[int, _Struct | None]]:
    """Of each member of a struct the form that it came with, and the struct that it holds."""
    hints = get_type_hints(kind, include_extras=True)
    return {name: (form_of(hint), _struct_in(hint)) for name, hint in hints.items()}


def _struct_in(hint: Any) -> _Struct | None:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return hint
    is_annotated = hasattr(hint, "__metadata__")
    if is_annotated or get_origin(hint) in (list, Union, UnionType):
        held = (hint.__origin__,) if is_annotated else get_args(hint)
        return next((struct for each in held if (struct := _struct_in(each)) is not None), None)
    return None
