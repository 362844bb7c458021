"""How each value of a quote is written again, by the type that its struct declares.

Source: docs/spec/quotes.md#signature.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from quote_service.platform.documents.literals import json_literal
from quote_service.platform.money.amounts import amount_text, unit_price_text
from quote_service.platform.money.numbers import NotANumber, scale_decimal
from quote_service.pricing.calculation_inputs import INPUTS
from quote_service.pricing.figure import form_of
from quote_service.quotes.answer.plain_flags import plain_flags, plain_number_text

_PRICE_PLACES = 6
# Takes a value, its pointer, the currency's minor digits and the object that holds the value; answers JSON.
Rewrite = Callable[[Any, str, int, Mapping[str, Any]], str]


class NotAQuote(ValueError):
    """The document cannot have been issued here; `pointer` says where it shows."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.pointer = pointer
        self.detail = detail


def rewriter_of(hint: Any, *, keeps_unknown: bool = False) -> Rewrite:
    """What writes values of a declared type: a struct, a list, a text, a number, or one that says how (`written`).

    Args:
        hint: The type.
        keeps_unknown: Members and steps that this release does not know, which a later one may have added, are written
            as they came and where they stood; otherwise they raise.
    """
    for reported in getattr(hint, "__metadata__", ()):
        written = (getattr(reported, "extra", None) or {}).get("written")
        if written == "inputs":
            return _inputs(keeps_unknown)
        if written is not None:
            return _WRITTEN[written]
    origin = get_origin(hint)
    if origin is Annotated:
        return rewriter_of(hint.__origin__, keeps_unknown=keeps_unknown)
    if origin in (Union, UnionType):
        members = [member for member in get_args(hint) if member not in (NoneType, msgspec.UnsetType)]
        # What is left out where it is not true.
        rewrite = _true if members[0] is bool else rewriter_of(members[0], keeps_unknown=keeps_unknown)
        return _or_null(rewrite) if NoneType in get_args(hint) else rewrite
    if origin is list:
        return _list(rewriter_of(get_args(hint)[0], keeps_unknown=keeps_unknown))
    if origin is Literal:
        return _text
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return _object(hint, keeps_unknown)
    return _PLAIN[hint]


def _text(value: Any, pointer: str, exponent: int, holder: Mapping[str, Any]) -> str:
    if not isinstance(value, str):
        raise NotAQuote(pointer, "must be a string")
    return msgspec.json.encode(value).decode()


def _number(value: Any, pointer: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise NotAQuote(pointer, "must be a number")
    return Decimal(value)


def _scaled(value: Any, pointer: str, places: int) -> int:
    try:
        return scale_decimal(_number(value, pointer), places)
    except NotANumber as refused:
        raise NotAQuote(pointer, str(refused)) from None


def _amount(value: Any, pointer: str, exponent: int, holder: Mapping[str, Any]) -> str:
    return amount_text(_scaled(value, pointer, exponent), exponent)


def _unit_price(value: Any, pointer: str, exponent: int, holder: Mapping[str, Any]) -> str:
    return unit_price_text(_scaled(value, pointer, _PRICE_PLACES), exponent)


def _decimal(value: Any, pointer: str, exponent: int, holder: Mapping[str, Any]) -> str:
    return plain_number_text(str(_number(value, pointer)))


def _charge(value: Any, pointer: str, exponent: int, holder: Mapping[str, Any]) -> str:
    if holder.get("commission_type") == "FLAT":
        return _amount(value, pointer, exponent, holder)
    return "null" if value is None else _decimal(value, pointer, exponent, holder)


def _whole(value: Any, pointer: str, exponent: int, holder: Mapping[str, Any]) -> str:
    return str(_scaled(value, pointer, 0))


def _truth(value: Any, pointer: str, exponent: int, holder: Mapping[str, Any]) -> str:
    if not isinstance(value, bool):
        raise NotAQuote(pointer, "is true or false")
    return "true" if value else "false"


def _true(value: Any, pointer: str, exponent: int, holder: Mapping[str, Any]) -> str:
    if value is not True:
        raise NotAQuote(pointer, "is true where it is given")
    return "true"


def _cache(value: Any, pointer: str, exponent: int, holder: Mapping[str, Any]) -> str:
    # How an answer was found is no part of the price: what is signed says "miss".
    if value not in ("miss", "local", "redis"):
        raise NotAQuote(pointer, "is miss, local or redis")
    return '"miss"'


def _flags(value: Any, pointer: str, exponent: int, holder: Mapping[str, Any]) -> str:
    if not isinstance(value, dict):
        raise NotAQuote(pointer, "must be an object")
    return plain_flags(json_literal({key: value[key] for key in sorted(value)}))


def _inputs(keeps_unknown: bool) -> Rewrite:
    def rewrite_inputs(value: Any, pointer: str, exponent: int, holder: Mapping[str, Any]) -> str:
        step = holder.get("step")
        kind = INPUTS.get(step) if isinstance(step, str) else None
        if kind is not None:
            return rewriter_of(kind, keeps_unknown=keeps_unknown)(value, pointer, exponent, holder)
        if keeps_unknown:
            return json_literal(value)
        raise NotAQuote(pointer, "is not a known field")

    return rewrite_inputs


def _or_null(rewrite: Rewrite) -> Rewrite:
    return lambda value, pointer, exponent, holder: (
        "null" if value is None else rewrite(value, pointer, exponent, holder)
    )


def _list(rewrite: Rewrite) -> Rewrite:
    def rewrite_list(value: Any, pointer: str, exponent: int, holder: Mapping[str, Any]) -> str:
        if not isinstance(value, list):
            raise NotAQuote(pointer, "must be a list")
        entries = [rewrite(entry, f"{pointer}/{index}", exponent, holder) for index, entry in enumerate(value)]
        return f"[{','.join(entries)}]"

    return rewrite_list


@cache
def _object(kind: type[msgspec.Struct], keeps_unknown: bool) -> Rewrite:
    hints = get_type_hints(kind, include_extras=True)
    members = {name: rewriter_of(hints[name], keeps_unknown=keeps_unknown) for name in kind.__struct_fields__}
    optional = {name for name in members if msgspec.UnsetType in get_args(hints[name]) or form_of(hints[name]) > 1}

    def rewrite_object(value: Any, pointer: str, exponent: int, holder: Mapping[str, Any]) -> str:
        if not isinstance(value, dict):
            raise NotAQuote(pointer, "must be an object")
        unknown = [name for name in value if name not in members]
        if unknown and not keeps_unknown:
            raise NotAQuote(f"{pointer}/{unknown[0]}", "is not a known field")
        for name in members:
            if name not in value and name not in optional:
                raise NotAQuote(f"{pointer}/{name}", "is required")
        known = [name for name in members if name in value]
        # Where a library has put the known ones into another order, nobody knows where the others stood.
        is_in_order = not unknown or [name for name in value if name in members] == known
        return "{%s}" % ",".join(  # noqa: UP031  (braces of a format would be doubled)
            f"{_text(name, pointer, exponent, value)}:"
            + (
                members[name](value[name], f"{pointer}/{name}", exponent, value)
                if name in members
                else json_literal(value[name])
            )
            for name in (value if is_in_order and unknown else (*known, *unknown))
        )

    return rewrite_object


_WRITTEN: dict[str, Rewrite] = {
    "amount": _amount,
    "unit_price": _unit_price,
    "decimal": _decimal,
    "percent": _decimal,
    "charge": _charge,
    "flags": _flags,
    "cache": _cache,
    "instant": _text,
}
_PLAIN: dict[Any, Rewrite] = {str: _text, int: _whole, bool: _truth}
